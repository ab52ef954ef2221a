# python3's own test modules.
# guests: riscv64 aarch64
# parts: test_math test_struct test_json test_re test_float test_mmap test_signal test_threading
# timeout: 300
exec python3 -m test -q "$1"

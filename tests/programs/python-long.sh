# The longer of python3's own test modules.
# parts: test_subprocess test_socket test_asyncio test_ctypes test_decimal test_fork1 test_io test_multiprocessing_fork.test_processes test_os test_posix test_select test_time
# level: long
# timeout: 900
exec python3 -m test -q "$1"

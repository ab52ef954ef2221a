# Thin front of meson.  `make` builds; it installs nothing on this machine.
# `make demo` and .ci/run call tools/setup, which installs what is missing.

BUILD ?= build
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
WERROR ?= false
MESON_FLAGS ?= --prefix=$(PREFIX) -Dwerror=$(WERROR)
RUN = python3 tests/run.py --jobs $(JOBS)

all: sources.txt $(BUILD)/build.ninja
	@ninja -j$(JOBS) -C $(BUILD)

# The list of sources, rewritten only when it changes: meson reads it.
sources.txt: FORCE
	@find src tests/unit tests/fuzz tests/diff -name '*.c' -o -name '*.S' | LC_ALL=C sort > $@.$$PPID; \
	if cmp -s $@.$$PPID $@; then rm $@.$$PPID; else mv $@.$$PPID $@; fi

$(BUILD)/build.ninja: | sources.txt
	meson setup $(MESON_FLAGS) $(BUILD)

# A build in its own folder: $(call variant,folder,compiler,meson flags)
define variant
	@test -f $(1)/build.ninja || CC=$(2) meson setup -Dwerror=$(WERROR) $(3) $(1)
	@ninja -j$(JOBS) -C $(1)
endef

demo: setup
	@$(MAKE) --no-print-directory all
	tools/demo $(BUILD)

setup:
	tools/setup

check: all build-clang
	$(RUN) --level full --build $(BUILD)

check-quick: all
	$(RUN) --level quick --build $(BUILD)

check-long: all build-clang
	$(RUN) --level quick --build build-clang unit
	$(RUN) --level long --build $(BUILD)

build-clang: sources.txt
	$(call variant,build-clang,clang,)

check-asan: sources.txt
	$(call variant,build-asan,$(CC),-Db_sanitize=address$(,)undefined -Db_lundef=false)
	$(RUN) --level quick --build build-asan

# With the interpreter: translated accesses are invisible to the sanitizer.
check-tsan: sources.txt
	$(call variant,build-tsan,$(CC),-Db_sanitize=thread -Db_lundef=false)
	MIMUS_ACCEL=interp $(RUN) --level quick --build build-tsan

cover: sources.txt
	$(call variant,build-cover,$(CC),-Db_coverage=true)
	-$(RUN) --level quick --build build-cover
	tools/cover build-cover

fuzz: sources.txt
	$(call variant,build-fuzz,clang,-Dfuzz=true -Db_sanitize=address$(,)undefined -Db_lundef=false)
	$(RUN) --level $(or $(LEVEL),quick) --build build-fuzz fuzz

bench: all
	MIMUS=$(BUILD)/mimus-riscv64 bench/run

tidy:
	tools/tidy

# clang-tidy with the checks of .clang-tidy; slow.
lint: build-clang
	clang-tidy --quiet -p build-clang $$(grep '^src.*\.c$$' sources.txt)

format:
	clang-format -i $$(git diff --name-only --diff-filter=d HEAD -- '*.c' '*.h')

install: all
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD) build-clang build-asan build-tsan build-cover build-fuzz

, := ,
FORCE:
.PHONY: all demo setup check check-quick check-long build-clang check-asan check-tsan cover fuzz \
	bench tidy lint format install clean FORCE

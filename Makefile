# Pregón: every developer target.  `make help` lists them.

O ?= build
ifeq ($(origin CC),default)
CC = gcc
endif
CLANG ?= clang-14
PYTHON ?= /usr/bin/python3
SANITIZE ?=
OPT ?= -O2 -g
# V=1 shows each command, else a line each.
V ?= 0
Q = $(if $(filter 0,$(V)),@echo "  $(1) $(2)";)

WARN = -Wall -Wextra -Wshadow -Wconversion -Werror
CPPFLAGS += -I. -D_GNU_SOURCE
CFLAGS += -std=c11 $(OPT) $(WARN) -fno-strict-aliasing -fstack-protector-strong
LDFLAGS += -Wl,--as-needed
ifneq ($(SANITIZE),)
CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer
LDFLAGS += -fsanitize=$(SANITIZE)
endif

# A program is a folder (or one file) and the libraries that it needs.
LIBS_common = -lm -lpthread
LIBS_pregon-gateway = -lgps -lmosquitto -lsqlite3 -lev -ljansson -linih \
	-lmicrohttpd
LIBS_pregon-bridge = -lmosquitto -lrdkafka -lev -linih -lmicrohttpd
LIBS_pregon-consumer = -lrdkafka -lsqlite3 -lev -linih -lmicrohttpd -lgeos_c \
	-lcurl -lmosquitto -ljansson -lcrypto
LIBS_pregon-api = -lsqlite3 -lev -ljansson -linih -lmicrohttpd -lrdkafka \
	-lgeos_c -lcrypto -lqrencode
LIBS_pregon-sim = -lmosquitto -lev -linih -ljansson
LIBS_pregonctl = -lrdkafka -lmosquitto -lsqlite3 -ljansson -linih -lev \
	-lmicrohttpd -lcrypto
LIBS_test = -lcmocka -lgps -lmosquitto -lrdkafka -lsqlite3 -lev -ljansson \
	-linih -lmicrohttpd -lgeos_c -lcurl -lcrypto -lqrencode

SRC_pregon-gateway = $(wildcard firmware-gateway/*.c)
SRC_pregon-bridge = $(wildcard broker-bridge/*.c)
SRC_pregon-consumer = $(wildcard backend/consumer/*.c backend/rules/*.c \
	backend/store/*.c)
SRC_pregon-api = $(wildcard backend/api/*.c backend/rules/*.c \
	backend/store/*.c)
SRC_pregon-sim = $(wildcard tools/sim/*.c)
SRC_pregonctl = $(wildcard tools/ctl/*.c)
# The dashboard, as the API serves it.
WEB_SRC = $(shell find backend/web -name node_modules -prune -o -type f -print)
PROGRAMS = pregon-gateway pregon-bridge pregon-consumer pregon-api \
	pregon-sim pregonctl

# Each file of tools/bench and tests/unit is a program of its own.
BENCHES = $(patsubst tools/bench/%.c,%,$(wildcard tools/bench/*.c))
UNITS = $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
MOCKED = $(patsubst tests/integration/%.c,%,\
	$(wildcard tests/integration/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

LIB_SRC = $(wildcard schemas/*.c lib/*.c)
# What unit tests may reach: every module that is not a program's main.
MODULE_SRC = $(filter-out %/main.c,$(SRC_pregon-gateway) \
	$(SRC_pregon-bridge) $(SRC_pregon-consumer) $(wildcard \
	backend/api/*.c tools/sim/*.c tools/ctl/*.c))
ALL_SRC = $(sort $(LIB_SRC) $(MODULE_SRC) $(wildcard */main.c */*/main.c \
	tools/bench/*.c tests/unit/*.c tests/integration/*.c))

obj = $(patsubst %.c,$(O)/obj/%.o,$(1))
BINS = $(PROGRAMS:%=$(O)/bin/%)

.DEFAULT_GOAL := all
# Objects of tests are kept as others are.
.SECONDARY:
.PHONY: all programs web demo test unit integration vectors e2e browser screens check \
	format asan tsan fuzz bench model install clean help setup-% FORCE

all: setup-build programs web		## build every program, and the dashboard
web: $(O)/web/index.html
programs: $(BINS) $(BENCHES:%=$(O)/bench/%)

setup-%:
	@tools/setup $*

demo: setup-run			## start the real parts on real input, show it
	@$(MAKE) --no-print-directory programs web
	@$(PYTHON) tools/demo

test: setup-test		## every test
	@$(MAKE) --no-print-directory programs web tests
	@PREGON_BUILD=$(abspath $(O)) tests/run

tests: $(UNITS:%=$(O)/tests/%) $(MOCKED:%=$(O)/tests/%)

unit: tests			## unit tests alone
	@PREGON_BUILD=$(abspath $(O)) tests/run unit

integration: tests programs	## tests on librdkafka's mock cluster
	@PREGON_BUILD=$(abspath $(O)) tests/run integration

e2e: programs web		## tests on the real parts alone
	@PREGON_BUILD=$(abspath $(O)) tests/run e2e

browser: programs web		## what people see, in a real browser
	@PREGON_BUILD=$(abspath $(O)) tests/run browser

screens: setup-test		## photograph the pages anew, for docs/screens
	@$(MAKE) --no-print-directory programs web
	@PREGON_BUILD=$(abspath $(O)) $(PYTHON) tests/browser/screens.py

asan: setup-test		## unit and mock tests with ASan and UBSan
	@$(MAKE) --no-print-directory O=$(O)/asan \
		SANITIZE=address,undefined OPT="-O1 -g" programs tests
	@PREGON_BUILD=$(abspath $(O)/asan) tests/run unit integration

tsan: setup-test		## the same with ThreadSanitizer
	@$(MAKE) --no-print-directory O=$(O)/tsan SANITIZE=thread \
		OPT="-O1 -g" programs tests
	@PREGON_BUILD=$(abspath $(O)/tsan) tests/run unit integration

FUZZ_SECONDS ?= 60
fuzz: setup-test		## each fuzzer for FUZZ_SECONDS (60)
	@$(MAKE) --no-print-directory $(FUZZERS:%=$(O)/fuzz/%)
	@tests/fuzz/run $(O)/fuzz $(FUZZ_SECONDS)

bench: setup-test		## figures, as ratios against a reference
	@$(MAKE) --no-print-directory programs web
	@PREGON_BUILD=$(abspath $(O)) $(PYTHON) tools/bench/run

model: setup-test		## the link's rules with Spin, in minutes
	@tests/model/quick.sh

check: setup-test		## format, static analysis, headers, includes
	@tools/check

format:				## lay out the code as .clang-format says
	@clang-format-14 -i $$(git ls-files '*.c' '*.h')

PREFIX ?= /usr/local
install: programs web		## programs, dashboard, systemd units under PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BINS) $(DESTDIR)$(PREFIX)/bin
	for words in backend/templates/*/*.txt; do \
		install -D -m 644 $$words \
		$(DESTDIR)$(PREFIX)/share/pregon/$${words#backend/}; done
	install -d $(DESTDIR)$(PREFIX)/share/pregon/web
	cp -r $(O)/web/. $(DESTDIR)$(PREFIX)/share/pregon/web
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	for unit in tools/packaging/*.service; do \
		sed 's,/usr/local/bin/,$(PREFIX)/bin/,' $$unit > \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/}; done

clean:				## remove the build folder
	rm -rf $(O)

help:				## this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

$(O)/web/index.html: $(WEB_SRC)
	$(call Q,WEB,$(O)/web)node backend/web/build.mjs $(O)/web

$(O)/obj/%.o: %.c $(O)/flags
	@mkdir -p $(@D)
	$(call Q,cc,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The assembler takes these in.
$(O)/obj/firmware-gateway/page_files.o: $(wildcard firmware-gateway/page/*)

# A change of compiler or flags builds everything anew.
$(O)/flags: FORCE
	@mkdir -p $(O)
	@echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)' > $@

# The list of members is a prerequisite: a file that went away leaves it.
$(O)/libpregon.a: $(call obj,$(LIB_SRC))
	@rm -f $@
	$(call Q,ar,$@)ar rcs $@ $^

$(O)/modules.a: $(call obj,$(MODULE_SRC))
	@rm -f $@
	$(call Q,ar,$@)ar rcs $@ $^

define program
$(O)/bin/$(1): $(call obj,$(SRC_$(1))) $(O)/libpregon.a
	@mkdir -p $$(@D)
	$$(call Q,link,$$@)$$(CC) $$(LDFLAGS) -o $$@ $$^ $(LIBS_$(1)) $(LIBS_common)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(O)/bench/%: $(O)/obj/tools/bench/%.o $(O)/modules.a $(O)/libpregon.a
	@mkdir -p $(@D)
	$(call Q,link,$@)$(CC) $(LDFLAGS) -o $@ $^ $(filter-out -lcmocka,$(LIBS_test)) \
		$(LIBS_common)

$(O)/tests/%: $(O)/obj/tests/unit/%.o $(O)/modules.a $(O)/libpregon.a
	@mkdir -p $(@D)
	$(call Q,link,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test) $(LIBS_common)

$(O)/tests/%: $(O)/obj/tests/integration/%.o $(O)/modules.a $(O)/libpregon.a
	@mkdir -p $(@D)
	$(call Q,link,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test) $(LIBS_common)

# Fuzzers stand on the pure codecs alone.
$(O)/fuzz/%: tests/fuzz/%.c $(wildcard schemas/*.c schemas/*.h)
	@mkdir -p $(@D)
	$(call Q,fuzzer,$@)$(CLANG) $(CPPFLAGS) -std=c11 -O1 -g $(WARN) \
		-fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=undefined -o $@ $< \
		$(filter-out schemas/topics_admin.c,$(wildcard schemas/*.c))

-include $(patsubst %.c,$(O)/obj/%.d,$(ALL_SRC))

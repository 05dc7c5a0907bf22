# Bulla. `make demo` shows it, `make test` proves it; README.md tells the rest.
#   B=dev|asan|tsan|fuzz|release  the build, in $(O) = build/$(B)      V=1  show commands
B ?= dev
O ?= build/$(B)
CC_dev = gcc
CC_asan = gcc
CC_tsan = gcc
CC_fuzz = clang
CC_release = gcc
ifeq ($(origin CC),default)
CC = $(CC_$(B))
endif
PREFIX ?= /usr/local
VERSION = 0.1.0
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2);)

PKG_lib = libcrypto libqpdf zlib icu-uc jansson libxml-2.0 harfbuzz-subset libpng
LIB_plain = -lzint
PKG_service = libcurl pangocairo cairo-pdf poppler-glib fontconfig libmicrohttpd gnutls sqlite3
PKG_authority = libmicrohttpd
PKG_all = $(PKG_lib) $(PKG_service) $(PKG_authority) cmocka

# Outputs are written only on success; gcc cannot follow that through TRY (clang and the sanitizers can).
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
  -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wswitch-enum -Wconversion \
  -Wno-sign-conversion -Wimplicit-fallthrough -Wdouble-promotion \
  $(if $(findstring clang,$(CC)),,-Wno-maybe-uninitialized)
WERROR = -Werror
FLAGS_dev = -O1 -g $(WERROR)
FLAGS_asan = -O1 -g $(WERROR) -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan = -O1 -g $(WERROR) -fsanitize=thread
FLAGS_fuzz = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
FLAGS_release = -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
LINK_asan = -fsanitize=address,undefined
LINK_tsan = -fsanitize=thread
LINK_fuzz = -fsanitize=address,undefined
LINK_release = -Wl,-z,relro,-z,now

# pkg-config's -I become -isystem, so foreign headers raise no warning of ours.
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKG_all) 2>/dev/null))
CPPFLAGS += -I. -D_GNU_SOURCE -DBULLA_VERSION='"$(VERSION)"' $(PKG_CFLAGS)
CFLAGS += -std=c17 -fPIC $(WARN) $(FLAGS_$(B))
LDFLAGS += $(LINK_$(B))
LIBS_lib := $(shell pkg-config --libs $(PKG_lib) 2>/dev/null) $(LIB_plain)
LIBS_service := $(shell pkg-config --libs $(PKG_service) 2>/dev/null) -lpthread -lm
LIBS_authority := $(shell pkg-config --libs $(PKG_authority) 2>/dev/null) -lpthread
LIBS_test := $(shell pkg-config --libs cmocka 2>/dev/null)

src = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(O)/%.o,$(1))
CORE = base formats trust-lists validator sealer
LIB_SRC = $(foreach d,$(CORE),$(call src,$d))
SERVICE_DIRS = service service/process service/front service/pages service/worker service/keeper service/fetcher service/store service/log
SERVICE_SRC = $(foreach d,$(SERVICE_DIRS),$(call src,$d))
AUTHORITY_SRC = $(call src,tests/authority)
SUPPORT_SRC = $(call src,tests/support)
UNIT_SRC = $(wildcard tests/unit/*_test.c)
FUZZ_SRC = $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC = $(wildcard tests/bench/*.c)
DEMO_SRC = $(wildcard tests/demo/*.c)
INTEROP_SRC = $(wildcard tests/interop/*.c)
# the service but main.c, for tests of its own parts
SERVICE_PARTS = $(filter-out service/main.c,$(SERVICE_SRC))

HEADERS = $(sort $(foreach d,$(CORE),$(wildcard $d/*.h $d/*.def)))
DEST = $(DESTDIR)$(PREFIX)

LIB = $(O)/libbulla.a
SUPPORT = $(O)/tests/libsupport.a
PARTS = $(O)/service/libparts.a
SO = $(O)/libbulla.so.$(firstword $(subst ., ,$(VERSION)))
UNIT = $(patsubst %.c,$(O)/%,$(UNIT_SRC))
FUZZ = $(patsubst %.c,$(O)/%,$(FUZZ_SRC))
BENCH = $(patsubst %.c,$(O)/%,$(BENCH_SRC))
DEMO = $(patsubst %.c,$(O)/%,$(DEMO_SRC))
INTEROP = $(patsubst %.c,$(O)/%,$(INTEROP_SRC))

# Unit tests of what runs threads, for ThreadSanitizer.
THREADED = audit_log cache_folder cmd_unlock desk fetch_curl fetcher_line fetcher_process http_body http_hostile \
  http_idle http_server http_tls keeper_process keeper_threads link metrics partner_pages person_session rate_limit \
  steward store store_crash store_files store_filing store_key store_person store_sealing webhook_queue window_pages \
  worker_pool worker_process
THREADED_UNIT = $(THREADED:%=$(O)/tests/unit/service_%_test)

.PHONY: all deps demo demo-run demo-service demo-service-run browser browser-run test check threads lint analyse fmt languages interop bench bench-run fuzz fuzz-run flags install deb deb-build clean
.DELETE_ON_ERROR:
.SECONDARY:
all: $(O)/bulla $(O)/bulla-authority $(SO)

# -- what a person types ---------------------------------------------------------------------------
demo: deps
	$(Q)$(MAKE) --no-print-directory demo-run
demo-run: all $(DEMO)
	$(Q)tests/demo/run $(O)
# The service with a demonstration portal, to be tried in a browser; until Ctrl-C.
demo-service: deps
	$(Q)$(MAKE) --no-print-directory demo-service-run
demo-service-run: all $(DEMO)
	$(Q)exec tests/demo/service $(O)
test: deps
	$(Q)$(MAKE) --no-print-directory check
deps:
	$(Q)tests/packages
check: all $(UNIT) $(FUZZ) $(DEMO)
	$(Q)tests/run $(O)
# With B=tsan. The killing of processes stands for the service as a whole.
empty =
threads: all $(THREADED_UNIT)
	$(Q)SEALINGS=24 tests/run $(O) '^(service_($(subst $(empty) $(empty),|,$(strip $(THREADED))))_test$$|e2e/service_kill)'
lint: all $(SUPPORT)
	$(Q)tests/lint/run $(O)
fmt:
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i
# After a change to the texts of the reports: the template and every catalogue.
languages:
	$(Q)validator/languages/update
# The service in a browser; the first time npm fetches what drives it.
browser: deps
	$(Q)$(MAKE) --no-print-directory browser-run
browser-run: all $(DEMO)
	$(Q)tests/browser/run $(O)
interop: all $(INTEROP)
	$(Q)tests/interop/run $(O)
bench:
	$(Q)$(MAKE) --no-print-directory B=release bench-run
bench-run: all $(BENCH)
	$(Q)tests/bench/run $(O)
# Every fuzz target for T seconds.
T ?= 60
fuzz:
	$(Q)$(MAKE) --no-print-directory B=fuzz fuzz-run
fuzz-run: $(FUZZ)
	$(Q)tests/fuzz/run $(O) $(T)
analyse:
	$(Q)tests/lint/analyse
# The compiler's flags, for the lints.
flags:
	@:$(info $(subst ',,$(CPPFLAGS) $(CFLAGS)))
install: $(O)/bulla $(LIB) $(SO)
	$(call say,INST,$(DEST))install -d $(DEST)/bin $(DEST)/lib/pkgconfig
	$(Q)install -m 755 $(O)/bulla $(DEST)/bin
	$(Q)install -m 644 $(LIB) $(DEST)/lib
	$(Q)install -m 755 $(SO) $(DEST)/lib/libbulla.so.$(VERSION)
	$(Q)ln -sf libbulla.so.$(VERSION) $(DEST)/lib/$(notdir $(SO))
	$(Q)ln -sf $(notdir $(SO)) $(DEST)/lib/libbulla.so
	$(Q)for h in $(HEADERS); do install -D -m 644 $$h $(DEST)/include/bulla/$$h || exit 1; done
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@REQUIRES@|$(filter-out libcrypto,$(PKG_lib))|; s|@PLAIN@|$(LIB_plain)|' \
	  service/bulla.pc.in > $(DEST)/lib/pkgconfig/bulla.pc
	$(Q)install -D -m 644 -t $(DEST)/share/bulla validator/policy.schema.json validator/policies/*.json
	$(Q)install -D -m 644 -t $(DEST)/share/man/man1 service/bulla.1
	$(Q)install -D -m 644 -t $(DEST)/share/man/man5 service/bulla.json.5
	$(Q)install -d $(DEST)/lib/systemd/system
	$(Q)sed 's|/usr/bin/|$(PREFIX)/bin/|' service/packaging/bulla.service > $(DEST)/lib/systemd/system/bulla.service
# A Debian package of the release build.
deb:
	$(Q)$(MAKE) --no-print-directory B=release deb-build
deb-build: $(O)/bulla
	$(Q)service/packaging/build $(O) $(VERSION)
clean:
	rm -rf build

# -- how it is made --------------------------------------------------------------------------------
$(O)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
# What the assembler embeds (validator/embed.h): the style of pages, and the catalogues, which it finds in $(O).
$(O)/validator/outline_html.o: validator/outline.css
LANGUAGES = hu
MO = $(patsubst %,$(O)/validator/languages/%.mo,$(LANGUAGES))
$(O)/%.mo: %.po
	@mkdir -p $(@D)
	$(call say,MSGFMT,$<)msgfmt -c -o $@ $<
$(O)/validator/language.o: CFLAGS += -Wa,-I$(O)
$(O)/validator/language.o: $(MO)
$(O)/service/pages/page_file.o: $(foreach x,html css js svg,$(wildcard service/pages/*.$x)) validator/outline.css
$(O)/validator/policy_ready.o: $(wildcard validator/policies/*.json)
$(O)/service/front/ready.o: service/front/openapi.json
$(O)/tests/unit/validator_policy_schema_test.o: validator/policy.schema.json
$(LIB): $(call obj,$(LIB_SRC))
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^
# An archive, so that a program links only what it calls.
$(SUPPORT): $(call obj,$(SUPPORT_SRC))
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^
$(PARTS): $(call obj,$(SERVICE_PARTS))
	$(call say,AR,$@)rm -f $@ && ar rcs $@ $^
$(SO): $(call obj,$(LIB_SRC))
	$(call say,LINK,$@)$(CC) -shared -Wl,-soname,$(@F) $(LDFLAGS) -o $@ $^ $(LIBS_lib)
$(O)/bulla: $(call obj,$(SERVICE_SRC)) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_service) $(LIBS_lib)
$(O)/bulla-authority: $(call obj,$(AUTHORITY_SRC)) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_authority) $(LIBS_lib)
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(SUPPORT) $(PARTS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_test) $(LIBS_service) $(LIBS_lib)
$(O)/tests/demo/%: $(O)/tests/demo/%.o $(O)/tests/support/pdf_make.o $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_lib)
$(O)/tests/interop/%: $(O)/tests/interop/%.o $(SUPPORT) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_lib)
$(O)/tests/bench/%: $(O)/tests/bench/%.o $(SUPPORT) $(PARTS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_service) $(LIBS_lib)
# Under B=fuzz libFuzzer drives the targets; elsewhere tests/fuzz/replay.c runs their corpus.
FUZZ_DRIVER = $(if $(filter fuzz,$(B)),-fsanitize=fuzzer,$(O)/tests/fuzz/replay.o)
$(O)/tests/fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(O)/tests/fuzz/replay.o $(SUPPORT) $(PARTS) $(LIB)
	$(call say,LINK,$@)$(CC) $(LDFLAGS) -o $@ $(filter-out %replay.o,$^) $(FUZZ_DRIVER) $(LIBS_service) $(LIBS_lib)

-include $(shell find $(O) -name '*.d' 2>/dev/null)

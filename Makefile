# make demo           a demonstration on http://127.0.0.1:8000/ (PORT= changes it)
# make test           all checks and tests (ARGS="…": only pytest, with these arguments)
# make mutants        break the counting rules one by one and see which test notices
# make bench          a made county of 100,000 figures, and what each page costs there (BENCH_BUREAUS=, BENCH_REQUESTS=: smaller)
# make pictures      the pictures of docs/手册.md taken anew; needs Chromium and a Chinese font
# make strokes        how many clicks and keys the ordinary tasks cost, counted anew into docs/操作步数.md; needs Chromium
# make requirements   requirements.txt compiled anew from pyproject.toml

# Whatever the machine says: else every process that a test or the demonstration starts compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
PORT ?= 8000
CHROMIUM ?= $(shell command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome)
FONT := $(shell fc-list :lang=zh family 2>/dev/null | head -n 1)
RUN := .venv/bin/python -m
READY := .venv/ready

BROWSER := $(if $(CHROMIUM),,浏览器（chromium）) $(if $(FONT),,中文字体（fonts-wqy-microhei）)
OFFICE := $(if $(shell command -v soffice),,办公软件（libreoffice-calc-nogui）)
MISSING := $(strip $(BROWSER) $(OFFICE))
LEFT_OUT := $(subst $() $(), or ,$(strip $(if $(strip $(BROWSER)),browser) $(if $(OFFICE),office)))
PYTEST := $(RUN) pytest $(if $(LEFT_OUT),-m "not ($(LEFT_OUT))") $(or $(ARGS),-n 2 --dist loadgroup)

.PHONY: demo test lint mutants bench pictures strokes requirements

demo: export DEMO := 1
demo: export PORT := $(PORT)
demo: $(READY)
	@$(RUN) config.demo

# The settings of production for the checks (which reach no database) and the bench, those of a demonstration for the tests.
test lint bench: export SECRET_KEY := $(shell head -c 60 /dev/urandom | base64 | tr -d '\n')
test lint: export ALLOWED_HOSTS := example.invalid
bench: export ALLOWED_HOSTS := 127.0.0.1
bench: export PLAIN_HTTP := 1
test lint: export DATABASE_URL := postgresql://nobody@localhost/none
test pictures strokes: export CHROMIUM := $(CHROMIUM)
test: $(READY) $(if $(ARGS),,lint)
	@$(if $(MISSING),echo "本机缺少：$(MISSING)；用到它们的测试略去。"$(if $(REQUIRE_ALL), >&2; exit 1))
	@echo "测试（临时数据库）……"
	@DEMO=1 $(RUN) config.localdb run --throwaway -- sh -ec '\
		$(if $(ARGS),,.venv/bin/python manage.py makemigrations --check --dry-run;) exec $(PYTEST)'

lint: $(READY)
	@echo "检查：ruff、djlint、mypy、check --deploy ……"
	@$(RUN) ruff check --quiet . && $(RUN) ruff format --check --quiet .
	@$(RUN) djlint --lint --quiet templates
	@$(RUN) mypy --no-error-summary
	@env -u DEMO -u DEBUG .venv/bin/python manage.py check --deploy --fail-level WARNING

mutants: $(READY)
	@DEMO=1 $(RUN) config.localdb run --throwaway -- .venv/bin/python -m tests.mutants

bench: $(READY)
	@env -u DEMO -u DEBUG $(RUN) config.localdb run --throwaway -- .venv/bin/python -m tests.bench

pictures: $(READY)
	@$(if $(strip $(BROWSER)),echo "本机缺少：$(strip $(BROWSER))；不能截图。" >&2; exit 1)
	@DEMO=1 $(RUN) config.localdb run --throwaway -- .venv/bin/python -m tests.browser.pictures

strokes: $(READY)
	@$(if $(strip $(MISSING)),echo "本机缺少：$(strip $(MISSING))；不能数。" >&2; exit 1)
	@DEMO=1 $(RUN) config.localdb run --throwaway -- .venv/bin/python -m tests.browser.strokes

$(READY): requirements.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
		|| { echo "需要 Python 3.11 或更新版本（可用 PYTHON=… 指定）。" >&2; exit 1; }
	@$(PYTHON) -c "import ensurepip" 2>/dev/null || { echo "请先安装 python3-venv（apt-get install python3-venv）。" >&2; exit 1; }
	@echo "正在安装依赖到 .venv ……"
	@$(PYTHON) -m venv .venv
	@$(RUN) pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

requirements: $(READY)
	@CUSTOM_COMPILE_COMMAND="make requirements" $(RUN) piptools compile --quiet --all-extras --generate-hashes \
		--allow-unsafe --no-strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--output-file requirements.txt pyproject.toml

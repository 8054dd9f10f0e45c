# Needs a POSIX make and python3 (3.11 or newer) with its venv module; everything else goes into $(VENV).
.POSIX:
.SUFFIXES:
.PHONY: help run leaderboards trajectory loops test test-all torch check docs bench coverage clean

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
WITH_ALPACA_EVAL = $(VENV)/.alpaca-eval
WITH_LM_EVAL = $(VENV)/.lm-eval
TORCH = $(VENV)/.torch
LLAMACPP = plugins/judgebench-llamacpp
HF = plugins/judgebench-hf
VLLM = plugins/judgebench-vllm
ALPACA_EVAL = plugins/judgebench-alpaca-eval
LM_EVAL = plugins/judgebench-lm-eval
LOOPS = plugins/judgebench-loops
EXAMPLES = plugins/examples
TESTS = tests $(LLAMACPP)/tests $(HF)/tests $(VLLM)/tests $(ALPACA_EVAL)/tests $(LM_EVAL)/tests $(LOOPS)/tests $(EXAMPLES)
# One worker a core; the tests of a file stay together, since they share models and servers.
PYTEST = $(BIN)/pytest -rfEs -n auto --dist loadfile --no-loadscope-reorder
DATA ?= ../shared/data
SEED_MODEL = qwen2.5-coder-0.5b
LLMBAR = --measure average-accuracy --measure position-consistent-accuracy --measure "average-accuracy/*" \
    --measure "position-consistent-accuracy/*" --measure position-consistency --measure position-bias
AGREEMENT = --measure agreement-s1/turn-1 --measure agreement-s2/turn-1 --measure agreement-s1/turn-2 \
    --measure agreement-s2/turn-2 --measure agreement-s1/turn-1,voters=all --measure agreement-s2/turn-1,voters=all \
    --measure agreement-s1/turn-2,voters=all --measure agreement-s2/turn-2,voters=all \
    --measure agreement-s1/turn-1,voters=author --measure agreement-s2/turn-1,voters=author \
    --measure agreement-s1/turn-1,inconsistent=drop --measure agreement-non-tie \
    --measure agreement-non-tie,judge_ties=wrong --measure agreement-non-tie/turn-1,judge_ties=wrong \
    --measure agreement-non-tie/turn-2,judge_ties=wrong --measure kappa --measure kappa,labels=two \
    --measure kappa,voters=all --measure position-consistency --measure position-bias --measure miss-rate
# A short text that every model can give: a reason of a few words and a letter, held to JSON by a grammar.
LETTER = template=leaderboards/judges/letter.jinja,max_tokens=80,output=json
AUDIT = --data-dir runs/mt-bench-mirror --out runs/audit
KOREAN = --measure arena-score --measure arena-score-style --measure arena-score-style,version=v2.0
STAND_IN = df_gamed.csv is a stand-in: its rows have the sums of the official ones, so a fit at a given C is the same, but cross-validation may choose another C

help: ## what can be made (this list)
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/\1	\2/p' Makefile | expand -t 12
	@echo "Another environment folder: make VENV=folder ...; another Python: make PYTHON=python3.12 ..."

run: $(INSTALLED) ## the first leaderboards: real local models, judged by a real local model
	$(BIN)/judgebench run examples/judges.yaml
	$(BIN)/judgebench run examples/policies.yaml
	$(BIN)/judgebench leaderboard runs/first-judges runs/first-policies

leaderboards: $(INSTALLED) ## every landed board anew (DATA=folder of recorded judgments); models are asked what is not in runs/
	$(BIN)/judgebench run leaderboards/starter-judges/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/starter-judges --title "starter: three small local models as judges" \
	    --out leaderboards/starter-judges
	$(BIN)/python leaderboards/alpaca-eval-2/verdicts.py "$(DATA)/alpaca_eval_2" runs/alpaca-eval-2-tables
	$(BIN)/judgebench import table runs/alpaca-eval-2-tables/verdicts.parquet --benchmark alpaca-eval-2 \
	    --data-dir runs/alpaca-eval-2-tables/mirror --out runs/alpaca-eval-2 --no-board
	$(BIN)/judgebench leaderboard runs/alpaca-eval-2 --title "AlpacaEval 2: 58 models, judged by GPT-4 Turbo" \
	    --note "$(STAND_IN)" --out leaderboards/alpaca-eval-2
	$(BIN)/judgebench run leaderboards/alpaca-eval-2-local/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/alpaca-eval-2-local --title "AlpacaEval 2: 20 prompts, judged by a local 1.5B model" \
	    --note "$(STAND_IN)" --out leaderboards/alpaca-eval-2-local
	$(BIN)/python leaderboards/arena-hard-korean/verdicts.py "$(DATA)/arena_hard" runs/arena-hard-korean-tables
	$(BIN)/judgebench import table runs/arena-hard-korean-tables/verdicts.parquet --benchmark arena-hard-v0.1 \
	    --out runs/arena-hard-korean --no-board
	$(BIN)/judgebench leaderboard runs/arena-hard-korean --title "Korean Arena-Hard: 76 models against claude-3.7-sonnet" \
	    $(KOREAN) --out leaderboards/arena-hard-korean
	$(BIN)/judgebench leaderboard runs/arena-hard-korean --title "Korean Arena-Hard as the official code computes it" \
	    --mode official $(KOREAN) --measure arena-score,version=v2.0 --out leaderboards/arena-hard-korean-official
	$(BIN)/python leaderboards/arena-hard-local/mirror.py "$(DATA)/arena_hard" runs/arena-hard-mirror
	$(BIN)/judgebench run leaderboards/arena-hard-local/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/arena-hard-local --title "Arena-Hard v0.1: 12 prompts, judged by a local 1.5B model" \
	    --out leaderboards/arena-hard-local
	$(BIN)/judgebench run leaderboards/head-to-head-local/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/head-to-head-local --title "Two small local models against each other" \
	    --out leaderboards/head-to-head-local
	$(BIN)/python leaderboards/llmbar/verdicts.py "$(DATA)/rewardbench" runs/llmbar-tables
	$(BIN)/judgebench import table runs/llmbar-tables/verdicts.parquet --benchmark llmbar --out runs/llmbar --no-board
	$(BIN)/judgebench leaderboard runs/llmbar --title "LLMBar: 44 recorded judges" $(LLMBAR) \
	    --note "Swap, Swap_CoT: the recorded verdicts are not those behind the published figures" \
	    --out leaderboards/llmbar
	$(BIN)/python leaderboards/mt-bench-agreement/verdicts.py "$(DATA)/mt_bench" runs/mt-bench-tables
	$(BIN)/judgebench import mt-bench "$(DATA)/mt_bench/human.jsonl.gz" "$(DATA)/mt_bench/gpt4_pair.jsonl.gz" \
	    runs/mt-bench-tables/gpt-4-0613_pair.jsonl --out runs/mt-bench-agreement --no-board
	$(BIN)/judgebench leaderboard runs/mt-bench-agreement $(AGREEMENT) --out leaderboards/mt-bench-agreement \
	    --title "MT-Bench: GPT-4 beside the people whose votes judge it" \
	    --note "gpt4_pair are the published verdicts, each made of two orders; gpt-4-0613 are recorded judgments in both orders, which come to the same verdict in 1,781 of the 1,782 comparisons where both were recorded and read" \
	    --note "humans: every two votes on one comparison, where there are two: how far people agree is the ceiling"
	$(BIN)/python leaderboards/mt-bench-agreement/mirror.py "$(DATA)/mt_bench" runs/mt-bench-mirror
	$(BIN)/judgebench run leaderboards/small-judges/llmbar.yaml >/dev/null
	$(BIN)/judgebench run leaderboards/small-judges/mt-bench.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/small-judges-llmbar runs/small-judges-mt-bench \
	    --title "Two small local models as judges: LLMBar (as pairs) and MT-Bench" --out leaderboards/small-judges
	$(BIN)/judgebench run leaderboards/small-judges-helpsteer2/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/small-judges-helpsteer2 --out leaderboards/small-judges-helpsteer2 \
	    --title "Two small local models as judges: 20 pairs of HelpSteer2"
	$(BIN)/judgebench run leaderboards/llmbar-eight-judges/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/llmbar-eight-judges --out leaderboards/llmbar-eight-judges \
	    --title "LLMBar: eight judges of two small local models and of none"
	$(BIN)/judgebench audit "smollm2-135m=verdict@llamacpp:smollm2-135m,$(LETTER)" --limit 6 $(AUDIT) >/dev/null
	$(BIN)/judgebench audit "qwen2.5-coder-0.5b=verdict@llamacpp:qwen2.5-coder-0.5b,$(LETTER)" --limit 6 $(AUDIT) >/dev/null
	$(BIN)/judgebench audit "qwen2.5-coder-1.5b=verdict@llamacpp:qwen2.5-coder-1.5b,$(LETTER)" --limit 4 $(AUDIT) >/dev/null
	cp runs/audit/*.md leaderboards/judges/
	$(BIN)/python leaderboards/index.py

trajectory: $(TORCH) ## the board of a short fine-tuning, with PyTorch: it is trained where runs/ has no checkpoints
	test -d runs/sft-trajectory-checkpoints/checkpoint-24 || \
	    $(BIN)/python leaderboards/sft-trajectory/train.py "$(DATA)" runs/sft-trajectory-checkpoints
	$(BIN)/judgebench run leaderboards/sft-trajectory/run.yaml >/dev/null
	$(BIN)/judgebench leaderboard runs/sft-trajectory --out leaderboards/sft-trajectory \
	    --title "Four checkpoints of a short fine-tuning of SmolLM2-135M"
	$(BIN)/python leaderboards/index.py

loops: $(TORCH) ## the boards of four small loops with a 0.5B model, with PyTorch (about 90 minutes on 2 cores)
	test -d runs/models/$(SEED_MODEL) || $(BIN)/python -c 'from pathlib import Path; \
	    from judgebench_hf.dequantise import dequantise; from judgebench_llamacpp.weights import resolve; \
	    dequantise(resolve("$(SEED_MODEL)"), Path("runs/models/$(SEED_MODEL)"), "float32")'
	for system in self-rewarding meta-rewarding self-taught rlaif; do \
	    $(BIN)/judgebench loop $$system --config examples/loops/$$system.yaml >/dev/null || exit 1; \
	    for board in runs/loops/$$system/board/*/; do \
	        rm -rf leaderboards/loop-$$system-$$(basename $$board); \
	        cp -r $$board leaderboards/loop-$$system-$$(basename $$board) || exit 1; done; done
	$(BIN)/python leaderboards/index.py

test: $(WITH_ALPACA_EVAL) ## the tests, without the slow ones (under 5 minutes)
	$(PYTEST) -m "not slow and not torch" $(TESTS)

test-all: $(WITH_ALPACA_EVAL) $(WITH_LM_EVAL) $(TORCH) ## every test: simulations, long runs, those with PyTorch or lm-eval
	$(PYTEST) $(TESTS)

torch: $(TORCH) ## PyTorch, transformers and TRL into the environment, for judgebench-hf

check: $(INSTALLED) ## ruff, mypy --strict and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy judgebench $(LLAMACPP)/src $(HF)/src $(VLLM)/src $(ALPACA_EVAL)/src $(LM_EVAL)/src $(LOOPS)/src \
	    $(EXAMPLES)/*/src
	PYTHONPATH=$$(echo $(EXAMPLES)/*/src | tr ' ' ':') $(BIN)/lint-imports --no-logo

docs: $(INSTALLED) ## the reference in docs/, written from the code
	$(BIN)/python -m docs.generator

bench: $(INSTALLED) ## every measurement of speed in bench/
	@for script in bench/*.py; do case "$$script" in */coverage.py) continue;; esac; \
	    echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

coverage: $(INSTALLED) ## how often intervals hold the truth, by simulation (about 10 minutes): docs/explanation/coverage.md
	$(BIN)/python bench/coverage.py

clean: ## remove the environment and what tools left behind; runs/ stays
	@if [ -e "$(INSTALLED)" ]; then rm -rf "$(VENV)"; fi
	rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

# Made anew, not patched, whenever what it is made from changes. The constraints hold for the isolated builds
# too: older versions of pip read the first variable there, newer ones the second.
$(INSTALLED): pyproject.toml constraints.txt $(LLAMACPP)/pyproject.toml $(HF)/pyproject.toml $(VLLM)/pyproject.toml \
    $(ALPACA_EVAL)/pyproject.toml $(LM_EVAL)/pyproject.toml $(LOOPS)/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: judgebench needs Python 3.11 or newer; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@if [ -e "$(VENV)" ] && [ ! -e "$(VENV)/pyvenv.cfg" ]; then \
	    echo "make: $(VENV) exists and is no Python environment; name another: make VENV=folder ..." >&2; exit 1; fi
	@echo "making a Python environment in $(VENV) and installing into it (about a minute)"
	@$(PYTHON) -m venv --clear "$(VENV)" || { \
	    echo "make: '$(PYTHON) -m venv' failed; Debian and Ubuntu have it in a package: apt-get install python3-venv" >&2; \
	    exit 1; }
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
	    --disable-pip-version-check -e '.[dev]' -e $(LLAMACPP) -e $(LOOPS)
	@PIP_BUILD_CONSTRAINT=constraints.txt PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
	    --disable-pip-version-check --no-deps -e $(HF) -e $(VLLM) -e $(ALPACA_EVAL) -e $(LM_EVAL)
	@touch $@

# The harnesses whose annotators and tasks two plugins take, beside which those are tested: nothing else needs them.
$(WITH_ALPACA_EVAL): $(INSTALLED)
	@echo "installing alpaca-eval, for the tests of its plugin"
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
	    --disable-pip-version-check -e $(ALPACA_EVAL)
	@touch $@

$(WITH_LM_EVAL): $(INSTALLED)
	@echo "installing lm-eval, for the tests of its plugin (a minute)"
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
	    --disable-pip-version-check -e $(LM_EVAL)
	@touch $@

# The plugins that need PyTorch are there without it, for what of them can be checked so; this brings it. Alone and
# first, so that a build of it that is there already is taken.
$(TORCH): $(INSTALLED)
	@echo "installing PyTorch, transformers and TRL (a minute or two)"
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq --disable-pip-version-check torch
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt $(BIN)/python -m pip install -qq \
	    --disable-pip-version-check -e '$(HF)[train]'
	@touch $@

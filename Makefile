# Two commands do everything: `make demo` runs the main job, `make test` the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Three on two cores: the tests on Kafka wait for sessions and rebalances half of their time.
WORKERS := $(shell $(PYTHON) -c "import os; print(len(os.sched_getaffinity(0)) * 3 // 2 or 1)")

.PHONY: help demo test check mutants faults parity flink kafka cluster bench schemas clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run  ## the main job: eight simulated days, figures computed twice
	$(BIN)/vouch demo

test: $(VENV)/.dev check  ## style, types, import contracts, and every test
	$(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder --cov --cov-report= $(PYTEST)
	$(BIN)/coverage report --fail-under=100 --skip-covered

check: $(VENV)/.dev  ## style, types and import contracts only
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: $(VENV)/.dev  ## plant faults in each computation; the gate must find them all
	$(BIN)/python -m tests.mutants

faults: $(VENV)/.dev deploy/kafka/jars  ## 200 kills of roles and broker, cut networks, lost disks: nothing lost, nothing doubled
	$(BIN)/python -m tests.faults

parity: $(VENV)/.dev deploy/kafka/jars  ## all recorded months, embedded and on Kafka, with one, two and three workers: the same figures
	$(BIN)/python -m tests.parity_kafka

deploy/%/jars: deploy/%/pom.xml
	mvn -q -B -f $< package
	@touch $@

flink: deploy/flink/jars  ## the jars of Flink and of Beam's runner on it (Java 17, Maven)

kafka: deploy/kafka/jars  ## the jars of a Kafka broker, for tests and for trying (Java 17, Maven)

cluster: $(VENV)/.dev deploy/flink/jars  ## a Flink of three processes loses one in the middle of a recount
	$(BIN)/python -m streams.runtimes.beam.alone $(BIN)/pytest -q tests/flink/cluster.py

# Not among them: `kafka` and `latency` need Java and Maven; `bank` needs the bank's call log;
# `briefing` and `year` simulate whole years.
bench: $(VENV)/.dev  ## the benchmarks that need no data and no hour, one after the other
	for name in fold import intake memory lookups across recompute; do \
		$(BIN)/python -m benchmarks $$name || exit 1; done

schemas: $(VENV)/.dev  ## write the exported JSON Schemas again
	$(BIN)/python -m tests.tools.write_schemas

clean:  ## the environment and the demo's data
	rm -rf $(VENV) vouch-data/demo

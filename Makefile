# Two commands do all: `make demo` shows it, `make test` proves it.
comma := ,
.PHONY: demo test soak bench sample docs help

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## Build the tool, generate the courses example, run it on 127.0.0.1:8080 with seeded data
	@bash scripts/demo.sh

test: ## Everything that must hold, stage by stage, with the time of each
	@bash scripts/test.sh

soak: ## What takes long: every example as its own project with the runtime's source inside, built and run
	@bash scripts/soak.sh

bench: ## Measure, beside peers: `make bench WHAT=store,gen` for some sections only
	@bash scripts/bench.sh $(subst $(comma), ,$(WHAT))

sample: ## Make generated-sample/ anew
	@bash scripts/sample.sh

docs: ## Rewrite the generated reference pages
	UPDATE_DOCS=1 cargo test --quiet --test reference

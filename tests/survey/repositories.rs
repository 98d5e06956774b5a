//! Small repositories of different kinds, one test each.

use crate::scene::check;

#[test]
fn a_rust_workspace_with_workflows_is_proven_by_what_they_run() {
    let ci = "\
name: ci
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: cargo fmt --all --check
      - name: Clippy
        run: cargo clippy --workspace --all-targets -- -D warnings
      - run: |
          cargo build --workspace
          cargo test --workspace --all-features
      - run: cargo test --features ${{ matrix.feature }}
";
    let release = "jobs:\n  publish:\n    steps:\n      - run: cargo publish\n      - run: cargo test --release\n";
    check(
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
            ("Cargo.lock", "version = 4\n"),
            (".github/workflows/ci.yml", ci),
            (".github/workflows/release.yml", release),
        ],
        &[
            "format | cargo fmt --all --check | .github/workflows/ci.yml:8",
            "lint | cargo clippy --workspace --all-targets -- -D warnings | .github/workflows/ci.yml:10",
            "build | cargo build --workspace | .github/workflows/ci.yml:12",
            "test | cargo test --workspace --all-features | .github/workflows/ci.yml:13",
        ],
    );
}

#[test]
fn a_plain_crate_is_proven_by_what_its_manifest_says_and_no_more() {
    check(
        &[("Cargo.toml", "[package]\nname = \"a\"\n\n[lints.clippy]\nall = \"warn\"\n"), ("src/lib.rs", "")],
        &["lint | cargo clippy --all-targets -- -D warnings | Cargo.toml:4", "test | cargo test | Cargo.toml:1"],
    );
}

#[test]
fn the_scripts_of_a_package_are_run_by_the_manager_of_its_lock_file() {
    let package = r#"{
  "name": "shop",
  "scripts": {
    "dev": "vite",
    "build": "tsc && vite build",
    "lint": "eslint .",
    "lint:fix": "eslint --fix .",
    "format": "prettier --write .",
    "format:check": "prettier --check .",
    "test": "vitest run",
    "test:e2e": "playwright test",
    "deploy": "vercel deploy"
  }
}
"#;
    let survey = check(
        &[("package.json", package), ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n")],
        &[
            "format | pnpm run format:check | package.json:9",
            "lint | pnpm run lint | package.json:6",
            "build | pnpm run build | package.json:5",
            "test | pnpm run test | package.json:10",
            "setup | pnpm install --frozen-lockfile | pnpm-lock.yaml:1",
            "no: pnpm run deploy | deploys, publishes or releases | package.json:12",
            "no: pnpm run dev | does not end by itself | package.json:4",
            "no: pnpm run format | rewrites files instead of checking them | package.json:8",
            "no: pnpm run lint:fix | rewrites files instead of checking them | package.json:7",
        ],
    );
    let others: Vec<&str> = survey.alternatives.iter().map(|other| other.command.as_str()).collect();
    assert_eq!(others, ["pnpm run test:e2e"]);
}

#[test]
fn a_script_that_npm_made_up_proves_nothing() {
    let package = "{\n \"scripts\": {\n  \"test\": \"echo \\\"Error: no test specified\\\" && exit 1\"\n }\n}\n";
    check(
        &[("package.json", package), ("package-lock.json", "{\n  \"lockfileVersion\": 3\n}\n")],
        &[
            "setup | npm ci | package-lock.json:2",
            "no: npm run test | is a placeholder that always fails | package.json:3",
        ],
    );
}

#[test]
fn a_makefile_speaks_for_the_whole_repository() {
    let makefile = "\
CARGO ?= cargo
.PHONY: all test lint fmt fmt-check deploy

all: build

build: ## Builds it
\t$(CARGO) build

test: build
\t@$(CARGO) test

lint:
\t$(CARGO) clippy -- -D warnings

fmt:
\t$(CARGO) fmt

fmt-check:
\t$(CARGO) fmt --check

deps:
\tcd web && npm ci

deploy: build
\t./push.sh
";
    check(
        &[
            ("Makefile", makefile),
            ("Cargo.toml", "[package]\nname = \"a\"\n"),
            ("package.json", "{\"scripts\": {\"test\": \"jest\"}}\n"),
        ],
        &[
            "format | make fmt-check | Makefile:18",
            "lint | make lint | Makefile:12",
            "build | make build | Makefile:6",
            "test | make test | Makefile:9",
            "setup | make deps | Makefile:21",
            "no: make deploy | deploys, publishes or releases | Makefile:24",
            "no: make fmt | rewrites files instead of checking them | Makefile:16",
        ],
    );
}

#[test]
fn an_entry_point_that_continuous_integration_runs_is_quoted_twice() {
    let ci = "jobs:\n  a:\n    services:\n      postgres:\n        image: postgres\n    steps:\n      - run: make test\n      - run: go test -race ./...\n";
    let survey = check(
        &[
            ("Makefile", "test:\n\tgo test ./...\n"),
            ("go.mod", "module example.org/a\n"),
            (".github/workflows/ci.yaml", ci),
        ],
        &[
            "lint | go vet ./... | go.mod:1",
            "build | go build ./... | go.mod:1",
            "test | make test | Makefile:1, .github/workflows/ci.yaml:7",
        ],
    );
    assert_eq!(survey.notes, [".github/workflows/ci.yaml: the job `a` starts services first: postgres"]);
}

#[test]
fn a_python_project_is_proven_inside_of_its_environment() {
    let project = "\
[project]
name = \"a\"

[dependency-groups]
dev = [\"pytest-cov>=5\", \"pytest>=8\"]

[tool.ruff]
line-length = 100

[tool.ruff.format]
quote-style = \"single\"

[tool.mypy]
strict = true
";
    check(
        &[("pyproject.toml", project), ("uv.lock", "version = 1\n")],
        &[
            "format | uv run ruff format --check . | pyproject.toml:10",
            "lint | uv run ruff check . | pyproject.toml:7",
            "build | uv run mypy . | pyproject.toml:13",
            "test | uv run pytest | pyproject.toml:5",
            "setup | uv sync | uv.lock:1",
        ],
    );
}

#[test]
fn tox_comes_before_a_bare_pytest() {
    let survey = check(
        &[
            ("tox.ini", "[tox]\nenvlist = py312\n\n[testenv]\ncommands = pytest\n"),
            ("requirements.txt", "# what it needs\npytest==8.0\n"),
            ("setup.cfg", "[flake8]\nmax-line-length = 100\n"),
        ],
        &[
            "lint | flake8 | setup.cfg:1",
            "test | tox | tox.ini:1",
            "setup | python3 -m pip install -r requirements.txt | requirements.txt:1",
        ],
    );
    assert_eq!(survey.alternatives[0].command, "pytest");
    assert_eq!(survey.notes.len(), 1, "pip's place is told: {:?}", survey.notes);
}

#[test]
fn a_justfile_and_a_taskfile_name_their_recipes() {
    let justfile = "set shell := [\"bash\"]\n\n# all of it\nci: lint test\n\ntest *args:\n    go test {{args}} ./...\n\nlint:\n    golangci-lint run\n\none name:\n    go test -run {{name}}\n\n_test:\n    true\n";
    check(
        &[("justfile", justfile), ("go.mod", "module a\n")],
        &["lint | just lint | justfile:9", "build | go build ./... | go.mod:1", "test | just test | justfile:6"],
    );
    let tasks = "version: '3'\ntasks:\n  test:\n    deps: [gen]\n    cmds:\n      - go test ./...\n  gen: go generate ./...\n  check:\n    cmds:\n      - task: vet\n  vet:\n    cmd: go vet ./...\n";
    check(&[("Taskfile.yml", tasks)], &["lint | task vet | Taskfile.yml:11", "test | task test | Taskfile.yml:3"]);
}

#[test]
fn ruby_java_php_elixir_and_cmake_are_known() {
    check(
        &[
            ("Gemfile", "source \"https://rubygems.org\"\ngem 'rspec', '~> 3'\ngem \"rubocop\"\n"),
            ("Gemfile.lock", "GEM\n"),
        ],
        &[
            "lint | bundle exec rubocop | Gemfile:3",
            "test | bundle exec rspec | Gemfile:2",
            "setup | bundle install | Gemfile.lock:1",
        ],
    );
    check(
        &[("pom.xml", "<?xml version=\"1.0\"?>\n<project>\n</project>\n"), ("mvnw", "")],
        &["test | ./mvnw -B test | pom.xml:2"],
    );
    check(
        &[("build.gradle.kts", "plugins {\n  java\n  id(\"com.diffplug.spotless\")\n}\n"), ("gradlew", "")],
        &["format | ./gradlew spotlessCheck | build.gradle.kts:3", "test | ./gradlew test | build.gradle.kts:1"],
    );
    let composer = "{\n \"require-dev\": {\n  \"phpunit/phpunit\": \"^11\",\n  \"phpstan/phpstan\": \"^2\"\n },\n \"scripts\": {\n  \"test\": [\"@clear\", \"phpunit\"],\n  \"clear\": \"php clear.php\"\n }\n}\n";
    check(
        &[("composer.json", composer), ("composer.lock", "{\n \"content-hash\": \"a\"\n}\n")],
        &[
            "build | vendor/bin/phpstan analyse | composer.json:4",
            "test | composer run test | composer.json:7",
            "setup | composer install | composer.lock:2",
        ],
    );
    let mix = "defmodule A do\n  def project do\n    [app: :a, deps: deps()]\n  end\n  defp deps, do: [{:credo, \"~> 1\"}]\nend\n";
    check(
        &[("mix.exs", mix), (".formatter.exs", "[inputs: []]\n")],
        &[
            "format | mix format --check-formatted | .formatter.exs:1",
            "lint | mix credo | mix.exs:5",
            "test | mix test | mix.exs:2",
            "setup | mix deps.get | mix.exs:3",
        ],
    );
    check(
        &[("CMakeLists.txt", "cmake_minimum_required(VERSION 3.20)\nproject(a)\nenable_testing()\n")],
        &[
            "build | cmake --build build | CMakeLists.txt:2",
            "test | cmake --build build && ctest --test-dir build --output-on-failure | CMakeLists.txt:3",
            "setup | cmake -S . -B build | CMakeLists.txt:2",
        ],
    );
}

#[test]
fn two_kinds_of_projects_side_by_side_are_both_proven() {
    check(
        &[
            ("go.mod", "module a\n"),
            ("package.json", "{\n \"scripts\": {\n  \"test\": \"jest\"\n },\n \"dependencies\": {}\n}\n"),
            ("yarn.lock", "# yarn lockfile v1\n"),
            (
                ".gitlab-ci.yml",
                "unit:\n  before_script:\n    - yarn install --immutable\n  script:\n    - yarn test\n    - go test ./...\n",
            ),
        ],
        &[
            "lint | go vet ./... | go.mod:1",
            "build | go build ./... | go.mod:1",
            "test | yarn run test | package.json:3, .gitlab-ci.yml:5",
            "setup | yarn install --immutable | .gitlab-ci.yml:3",
        ],
    );
}

#[test]
fn folders_are_looked_into_when_the_top_says_nothing() {
    let ci = "defaults:\n  run:\n    working-directory: ./backend\njobs:\n  a:\n    steps:\n      - run: poetry run pytest -q\n";
    check(
        &[
            ("README.md", "# Two\n"),
            ("backend/pyproject.toml", "[tool.pytest.ini_options]\n"),
            ("backend/poetry.lock", "# made by poetry\n"),
            ("web/package.json", "{\n \"scripts\": {\n  \"lint\": \"eslint .\"\n }\n}\n"),
            ("web/package-lock.json", "{ \"lockfileVersion\": 3 }\n"),
            (".github/workflows/ci.yml", ci),
        ],
        &[
            "lint | cd web && npm run lint | web/package.json:3",
            "test | cd backend && poetry run pytest -q | .github/workflows/ci.yml:7",
            "setup | (cd backend && poetry install) && (cd web && npm ci) | backend/poetry.lock:1, web/package-lock.json:1",
        ],
    );
}

#[test]
fn what_cannot_be_understood_is_told_and_nothing_is_taken_from_it() {
    let files =
        [("package.json", "{ \"scripts\": "), (".github/workflows/a.yml", "jobs: ["), ("Cargo.toml", "[package")];
    let survey = check(&files, &[]);
    assert_eq!(survey.notes.len(), 3, "{:?}", survey.notes);
}

#[test]
fn what_only_the_service_has_and_what_proves_little_stands_back() {
    let ci = "jobs:\n  a:\n    steps:\n      - run: ./actionlint -color\n      - run: ./tools/lint.sh && ./tools/typos\n      - run: pytest --version\n      - run: cargo test --doc\n";
    let survey = check(
        &[("Cargo.toml", "[package]\nname = \"a\"\n"), (".github/workflows/ci.yml", ci)],
        &["test | cargo test | Cargo.toml:1"],
    );
    assert_eq!(survey.alternatives[0].command, "cargo test --doc");
}

#[test]
fn a_python_project_without_a_lock_file_is_installed_as_it_says() {
    check(
        &[("pyproject.toml", "[project]\nname = \"a\"\n\n[project.optional-dependencies]\ndev = [\"pytest\"]\n")],
        &["test | pytest | pyproject.toml:5", "setup | python3 -m pip install -e '.[dev]' | pyproject.toml:1"],
    );
}

//! The help texts, word for word.

use clap::CommandFactory as _;

use crate::cli::Cli;

/// The help of a command, without blanks at the ends of lines.
fn help(line: &str) -> String {
    // The width of the terminal that the tests run in must not matter.
    let arguments = ["ralph-teams"].into_iter().chain(line.split_whitespace()).chain(["--help"]);
    let shown = Cli::command().term_width(100).try_get_matches_from(arguments).expect_err("help");
    assert_eq!(shown.exit_code(), 0);
    shown.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_help_of_the_program() {
    insta::assert_snapshot!(help(""), @"
    Runs the epics of a prd.json with AI coding agents, proves each with your gates, and merges what is
    proven

    Usage: ralph-teams <COMMAND>

    Commands:
      run        Work through the epics of a PRD and leave a verdict
      resume     Go on with a run that was interrupted or stopped by a limit
      validate   Check a PRD and name all its faults
      lint       Criticise a PRD: what is likely to cost time, and how long it takes
      setup      Write ralph.config.yml: ask what cannot be known, propose what the repository says
      ready      Look whether agents can work in this repository, and propose an AGENTS.md
      summary    Show the epics of a PRD: what is done, what is open, what waits for what
      status     Show how the newest run stands
      watch      Look at a run that lives in another terminal, or step through one that is over
      stop       Stop the run that is at work in this repository
      land       Bring the work of a run into the branch that you are on
      reset      Set epics back, so that the next run does them anew
      logs       Show what the agents of a run said and did
      runs       List the runs of this repository, look at one, remove old ones
      worktrees  List the worktrees of all runs, remove those that nobody needs
      recover    List what was saved of uncommitted work, bring it back as a branch
      demo       Make a small example repository and run it with an agent that only pretends
      help       Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Examples:
      ralph-teams demo                     watch a run in a throw-away repository
      ralph-teams validate                 check prd.json
      ralph-teams run                      work through prd.json, one epic at a time
      ralph-teams run --parallel 3         three epics side by side

    Exit codes:
      0 pass, 1 something failed, 2 bad input, 3 environment, 4 stopped by a limit,
      70 internal error, 130 interrupted
    ");
}

#[test]
fn the_help_of_run() {
    insta::assert_snapshot!(help("run"), @"
    Work through the epics of a PRD and leave a verdict

    Usage: ralph-teams run [OPTIONS] [PRD]

    Arguments:
      [PRD]
              The PRD

              [default: prd.json]

    Options:
          --parallel [<N>]
              Work on N epics side by side; without N as many as configured, or 4 [without this flag: 1]

          --backend <BACKEND>
              The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal

          --model <MODEL>
              The model, for all roles that are not configured to use another

          --schedule <SCHEDULE>
              When a ready epic may start [default: ready]

              Possible values:
              - ready: As soon as an epic's dependencies are merged
              - waves: Only when the whole wave before it has ended

          --max-epics <N>
              Start at most N epics

          --max-cost <USD>
              Start no session once the run consumed so many US dollars; `none`: no limit

          --max-tokens <N>
              Start no session once the run consumed so many tokens; `none`: no limit

          --only <EPIC>
              Work on this epic only; may be repeated

          --dirty <DIRTY>
              What to do about changes that are not committed

              Possible values:
              - refuse:   List the files and do not start
              - snapshot: Put the changes on the loop branch; the checkout stays as it is
              - ignore:   Leave them out

              [default: refuse]

          --base <BASE>
              Where to start when an earlier run left work that is not landed [default: decided from
              git, or refused]

              Possible values:
              - head: At HEAD, without that work
              - loop: At the earlier run's loop branch

          --new
              Begin a new run although the one before is unfinished; it goes on from what that one left

          --ui <UI>
              How to show the run

              Possible values:
              - auto:  The full screen on a terminal, plain lines elsewhere and where CI is set
              - tui:   The full screen, where there is a terminal
              - plain: One line per event, with bars on a terminal
              - json:  One JSON object per line

              [default: auto]

          --theme <THEME>
              The colours of the full screen

              Possible values:
              - auto:  What fits the terminal
              - dark:  Light text on a dark ground
              - light: Dark text on a light ground
              - mono:  No colours

              [default: auto]

          --rehearse
              Start no real agent: the same as --backend rehearsal, for every role

          --config <FILE>
              The configuration file [default: ralph.config.yml in the root of the repository]

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      ralph-teams run                              one epic at a time
      ralph-teams run plans/prd.json --parallel 3  three epics side by side
      ralph-teams run --only EPIC-001 --only EPIC-004
      ralph-teams run --rehearse                   the whole way, with an agent that only pretends
      ralph-teams run --ui json > events.jsonl     for other programs

    Your checkout and branches stay as they are: the work lands on a loop branch.
    Ctrl-C stops the run so that `ralph-teams resume` can go on with it.
    ");
}

#[test]
fn the_help_of_resume() {
    insta::assert_snapshot!(help("resume"), @"
    Go on with a run that was interrupted or stopped by a limit

    Usage: ralph-teams resume [OPTIONS] [RUN]

    Arguments:
      [RUN]
              The run's id [default: the newest run]

    Options:
          --parallel [<N>]
              Work on N epics side by side; without N as many as configured, or 4

          --backend <BACKEND>
              Host sessions with this agent program from now on: claude, codex, copilot, opencode,
              gemini, acp, command or rehearsal

          --max-cost <USD>
              Start no session once the run consumed so many US dollars; `none`: no limit

          --max-tokens <N>
              Start no session once the run consumed so many tokens; `none`: no limit

          --ignore-prd-edits
              Go on with the plan as it was, whatever was edited in the PRD since

          --ui <UI>
              How to show the run

              Possible values:
              - auto:  The full screen on a terminal, plain lines elsewhere and where CI is set
              - tui:   The full screen, where there is a terminal
              - plain: One line per event, with bars on a terminal
              - json:  One JSON object per line

              [default: auto]

          --theme <THEME>
              The colours of the full screen

              Possible values:
              - auto:  What fits the terminal
              - dark:  Light text on a dark ground
              - light: Dark text on a light ground
              - mono:  No colours

              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      ralph-teams resume                         the newest run
      ralph-teams resume 20261120-101500-k3f9    this run
      ralph-teams resume --parallel 2            with another number of epics side by side
      ralph-teams resume --max-cost 40           after its budget was used up
    ");
}

#[test]
fn the_help_of_validate() {
    insta::assert_snapshot!(help("validate"), @"
    Check a PRD and name all its faults

    Usage: ralph-teams validate [OPTIONS] [PRD]

    Arguments:
      [PRD]  The PRD [default: prd.json]

    Options:
          --json  Print JSON, for other programs
      -h, --help  Print help

    Examples:
      ralph-teams validate
      ralph-teams validate plans/prd.json --json

    Exits 0 when there is no fault and 2 otherwise. Nothing is changed.
    ");
}

#[test]
fn the_help_of_lint() {
    insta::assert_snapshot!(help("lint"), @"
    Criticise a PRD: what is likely to cost time, and how long it takes

    Usage: ralph-teams lint [OPTIONS] [PRD]

    Arguments:
      [PRD]  The PRD [default: prd.json]

    Options:
          --json    Print JSON, for other programs
          --fix     Mend what is mechanical, and nothing else
          --strict  Exit with 1 on hints, too
      -h, --help    Print help

    Examples:
      ralph-teams lint                     what is likely to cost time, and how long it will take
      ralph-teams lint --strict            in CI: hints count as well
      ralph-teams lint --fix               mend stray white space and the like; shows the difference
      ralph-teams lint plans/prd.json --json

    Exits 0 when there is nothing worse than hints (--strict: nothing at all), 1 otherwise, and 2
    when the PRD has faults.
    ");
}

#[test]
fn the_help_of_summary() {
    insta::assert_snapshot!(help("summary"), @"
    Show the epics of a PRD: what is done, what is open, what waits for what

    Usage: ralph-teams summary [PRD]

    Arguments:
      [PRD]  The PRD [default: prd.json]

    Options:
      -h, --help  Print help

    Examples:
      ralph-teams summary
      ralph-teams summary plans/prd.json
    ");
}

#[test]
fn the_help_of_status() {
    insta::assert_snapshot!(help("status"), @"
    Show how the newest run stands

    Usage: ralph-teams status [OPTIONS] [PRD]

    Arguments:
      [PRD]  The PRD [default: the one of the newest run]

    Options:
          --json  Print JSON, for other programs
      -h, --help  Print help

    Examples:
      ralph-teams status
      ralph-teams status --json
    ");
}

#[test]
fn the_help_of_demo() {
    insta::assert_snapshot!(help("demo"), @"
    Make a small example repository and run it with an agent that only pretends

    Usage: ralph-teams demo [OPTIONS] [DIR]

    Arguments:
      [DIR]
              Where to make it; must be empty or not exist [default: a new temporary directory]

    Options:
          --ui <UI>
              How to show the run

              Possible values:
              - auto:  The full screen on a terminal, plain lines elsewhere and where CI is set
              - tui:   The full screen, where there is a terminal
              - plain: One line per event, with bars on a terminal
              - json:  One JSON object per line

              [default: auto]

          --theme <THEME>
              The colours of the full screen

              Possible values:
              - auto:  What fits the terminal
              - dark:  Light text on a dark ground
              - light: Dark text on a light ground
              - mono:  No colours

              [default: auto]

      -h, --help
              Print help (see a summary with '-h')

    Examples:
      ralph-teams demo
      ralph-teams demo --ui tui
      ralph-teams demo /tmp/ralph-demo --ui plain

    It costs nothing: a built-in agent that only pretends does the work.
    ");
}

#[test]
fn the_help_of_the_hidden_commands() {
    insta::assert_snapshot!(help("host"), @"
    Host one session; started by `run` itself

    Usage: ralph-teams host <SPEC>

    Arguments:
      <SPEC>  The file that says what to start and where its output goes

    Options:
      -h, --help  Print help
    ");
    insta::assert_snapshot!(help("rehearsal-agent"), @"
    Pretend to be an agent; started by the backend `rehearsal`

    Usage: ralph-teams rehearsal-agent

    Options:
      -h, --help  Print help
    ");
}

"""Plugins of third parties, found in another process: one that works, broken ones, clashes, commands, secrets."""

import json

import pytest
from third_party import HEAD, HOOK, LONGER, install, judge, judgebench, pip_install, python, wheel

PAIRS = [
    {"prompt": f"question {n}", "response_a": "long" * (n + 2), "response_b": "short", "gold": "a"} for n in range(6)
]


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in PAIRS))
    return path


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


def aside(listing):
    """Reasons by plugin, from the part of the listing on plugins that were set aside."""
    lines = listing.partition("\nset aside\n")[2].partition("\n\n")[0].splitlines()
    return {line.split()[0]: line.partition("] ")[2] for line in lines}


def test_an_installed_package_is_listed_and_its_judge_takes_part_in_a_run(tmp_path, pairs):
    site = pip_install(tmp_path, wheel(tmp_path, "judgebench-longer", judge("longer-wins"), version="3.2.1"))
    listing = judgebench("list", "judges", path=site)
    assert listing.returncode == 0, listing.stderr
    assert "  longer-wins                    the longer answer wins  [judgebench-longer 3.2.1]\n" in listing.stdout
    assert "      margin: int = 0                               characters that do not count\n" in listing.stdout
    out = tmp_path / "run"
    flags = ("--judge", "mine=longer-wins,margin=1", "--no-cache", "--quiet", "--out", out)
    done = judgebench("run", f"pairs:{pairs}", *flags, path=site)
    assert done.returncode == 0, done.stderr
    estimates = json.loads((out / "board.json").read_text())["estimates"]
    accuracy = [row["value"] for row in estimates if (row["subject"], row["measure"]) == ("mine", "accuracy")]
    assert accuracy == [100.0]
    assert json.loads((out / "manifest.json").read_text())["software"]["judgebench-longer"] == ["3.2.1"]


BROKEN = {
    "no-import": ("import nowhere_to_be_found\n", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
    "bad-syntax": ("def f(:\n", "SyntaxError: "),
    "leaves": ("raise SystemExit\n", "SystemExit"),
    "leaves-late": (HEAD + "@hookimpl\ndef judgebench_components():\n    raise SystemExit('late')", "SystemExit: late"),
    "panics": ("class Panic(BaseException): pass\nraise Panic('many\\nlines')\n", "Panic: many lines"),
    "wrong-argument": (HEAD + "@hookimpl\ndef judgebench_secret(nmae): return None\n", "'judgebench_secret' "),
    "unknown-hook": (HEAD + "@hookimpl\ndef judgebench_component(): return []\n", "'judgebench_components'?"),
    "unmarked": (HEAD + "def judgebench_secret(name): return 'x'\n", "'judgebench_secret' is not marked"),
    "hookless": ("x = 1\n", "it implements no hook"),
    "returns-none": (HEAD + "@hookimpl\ndef judgebench_components(): pass\n", "TypeError: "),
    "no-class": (HEAD + HOOK.replace("Longer", "42"), "42 is not a component class: subclass one of Backend, "),
    "no-kind": (HEAD + HOOK.replace("Longer", "dict"), "<class 'dict'> is not a component class"),
    "no-dataclass": (HEAD + LONGER.format(name="a").replace("@dataclass(frozen=True)", "") + HOOK, "no frozen data"),
    "not-frozen": (HEAD + LONGER.format(name="b").replace("(frozen=True)", "(eq=False)") + HOOK, "no frozen dataclass"),
    "heir": (
        judge("c").replace("@hookimpl", "class Heir(Longer):\n    more: int = option(help='')\n\n@hookimpl"),
        None,
    ),
    "nameless": (HEAD + LONGER.replace('    name = "{name}"\n', "") + HOOK, "Longer has no name"),
    "misnamed": (HEAD + LONGER.format(name="a:b") + HOOK, "Longer has no name"),
    "abstract": (
        HEAD + LONGER.format(name="d").replace("def read(", "def read_it(") + HOOK,
        "does not implement read (is it 'read_it'?)",
    ),
    "takes-limit": (HEAD + LONGER.format(name="e").replace("margin:", "limit:") + HOOK, "'limit', which is a reserved"),
    "lost-type": (HEAD + LONGER.format(name="f").replace(": int", ": 'Nowhere'") + HOOK, "NameError: "),
    "odd-type": (HEAD + LONGER.format(name="g").replace(": int", ": list[int] | set[int]") + HOOK, "TypeError: "),
}
BROKEN["heir"] = (BROKEN["heir"][0].replace("[Longer]", "[Heir]"), "Heir is no frozen dataclass")


def test_broken_plugins_are_set_aside_with_their_reasons_and_all_else_works(site, pairs, tmp_path):
    for distribution, (source, _) in BROKEN.items():
        install(site, distribution, source, version="0.7")
    install(site, "healthy", judge("longer-wins"))
    install(site, "no-attribute", "", entry="no_attribute = no_attribute:plugin")
    install(site, "twins", judge("twin"), entry="castor = twins\npollux = twins")
    install(site, "unnamed", "raise ValueError('no metadata')", metadata=False)
    listing = judgebench("list", path=site)
    assert listing.returncode == 0, listing.stderr
    reasons = aside(listing.stdout)
    for distribution, (_, reason) in BROKEN.items():
        plugin = distribution.replace("-", "_")
        assert reason in reasons.pop(plugin), plugin
        assert f"[{distribution} 0.7]" in listing.stdout
    assert reasons.pop("no_attribute").startswith("AttributeError: ")
    assert reasons.pop("pollux") == "it is the same as the plugin 'castor'"
    assert reasons.pop("unnamed") == "ValueError: no metadata"
    assert not reasons
    names = {line.split()[0] for line in listing.stdout.splitlines() if line.startswith("  ") and line[2] != " "}
    assert {"longer-wins", "twin", "verdict", "openai"} <= names
    assert names.isdisjoint("abcdefg")
    run = judgebench(
        "run", f"pairs:{pairs}", "--judge", "longer-wins", "--no-cache", "--quiet", path=site, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    missing = judgebench("run", f"pairs:{pairs}", "--judge", "longer-wns", path=site, cwd=tmp_path)
    assert missing.returncode == 2
    assert missing.stderr.splitlines() == [
        "error: there is no judge 'longer-wns'",
        f"hint: did you mean 'longer-wins'? ({len(BROKEN) + 3} plugin(s) could not be loaded: see `judgebench list`)",
    ]


def test_a_plugin_set_aside_takes_no_part_in_hooks(site):
    secret = "@hookimpl\ndef judgebench_secret(name):\n    return 'stolen'\n"
    install(site, "half-broken", HEAD + secret + HOOK.replace("Longer", "42"))
    install(site, "half-known", HEAD + secret + "@hookimpl\ndef judgebench_secrets():\n    pass\n")
    code = "from judgebench import app; known = app.registry(); print(len(known.broken), known.secret('NO_SUCH'))"
    assert python("-c", code, path=site).stdout == "2 None\n"


def test_two_plugins_with_one_name_are_an_error_that_names_both(site, pairs, tmp_path):
    install(site, "first", judge("mine"), version="1.1")
    install(site, "second", judge("mine"), version="2.2")
    install(site, "third", judge("mine"), version="3.3")
    claims = [("first", "first 1.1"), ("second", "second 2.2"), ("third", "third 3.3")]
    listing = judgebench("list", path=site)
    assert listing.returncode == 0
    claim = " and ".join(f"{plugin} [{origin}]" for plugin, origin in claims)
    assert listing.stdout.endswith(f"\nclash: judge 'mine' is claimed by {claim}\n")
    run = judgebench("run", f"pairs:{pairs}", "--judge", "mine", path=site, cwd=tmp_path)
    assert run.returncode == 3
    claim = " and ".join(f"{plugin} ({origin})" for plugin, origin in claims)
    assert f"judge 'mine' is claimed by more than one plugin: {claim}" in run.stderr
    assert not (tmp_path / "runs").exists()


def test_a_plugin_may_not_take_a_name_that_ships(site):
    install(site, "usurper", judge("verdict"))
    listing = judgebench("list", path=site).stdout
    assert "clash: judge 'verdict' is claimed by built in [judgebench " in listing
    assert listing.endswith(" and usurper [usurper 1.0]\n")


def test_one_name_in_two_kinds_and_one_plugin_name_of_two_distributions_are_no_clash(site):
    install(site, "one", judge("openai"), entry="plugin = one")
    install(site, "two", judge("other"), entry="plugin = two")
    listing = judgebench("list", "judges", path=site).stdout
    assert "[one 1.0]" in listing
    assert "[two 1.0]" in listing
    assert "clash" not in listing
    assert "set aside" not in listing


HEAVY = """
import pathlib
pathlib.Path(__file__).with_name("loaded").touch()
print("hello from a heavy module")
import click
from judgebench import hookimpl

@click.command("tune")
@click.option("--size", type=int, default=1)
def tune(size):
    "Tune something."
    click.echo(f"tuned {size}")

@hookimpl
def judgebench_commands(cli):
    cli.add_command(tune)
"""


@pytest.mark.parametrize("flags", [["--help"], ["-h"], [], ["--version"], ["run", "--help"], ["nonsense"]])
def test_what_needs_no_component_loads_no_plugin(site, flags):
    install(site, "heavy", HEAVY, commands="tune")
    shown = judgebench(*flags, path=site)
    assert not (site / "loaded").exists()
    assert "heavy module" not in shown.stdout
    if flags in (["--help"], ["-h"], []):
        assert "  tune         (from heavy)\n" in shown.stdout


def test_a_plugin_is_loaded_when_components_are_asked_for(site):
    install(site, "heavy", HEAVY)
    judgebench("list", path=site)
    assert (site / "loaded").exists()


def test_a_command_of_a_plugin_runs_with_its_own_options_and_help(site):
    install(site, "heavy", HEAVY, commands="tune")
    done = judgebench("tune", "--size", 7, path=site)
    assert (done.returncode, done.stdout) == (0, "tuned 7\n")
    assert done.stderr == "hello from a heavy module\n"  # what a plugin prints at import is no command's output
    shown = judgebench("tune", "--help", path=site).stdout
    assert "Tune something." in shown
    assert "--size INTEGER" in shown


def test_a_command_that_a_plugin_names_and_does_not_bring_is_an_error_that_says_why(site):
    install(site, "empty", judge("x"), commands="promised")
    install(site, "broken", "raise ValueError('no engine')", commands="stuck")
    done = judgebench("promised", path=site)
    assert done.returncode == 3
    assert "empty names a command 'promised' but does not bring it" in done.stderr
    assert "does not bring it: ValueError: no engine" in judgebench("stuck", path=site).stderr


def test_a_command_that_two_plugins_claim_and_one_that_is_taken(site):
    install(site, "heavy", HEAVY, commands="tune list")
    install(site, "other", HEAVY, commands="tune")
    done = judgebench("tune", path=site)
    assert done.returncode == 3
    assert "command 'tune' is claimed by two plugins: heavy and other" in done.stderr
    assert "backends\n" in judgebench("list", path=site).stdout
    assert "  tune         (from heavy, other)\n" in judgebench("--help", path=site).stdout


def test_a_secret_of_a_plugin_wins_over_the_environment(site):
    source = """
    from judgebench import hookimpl

    @hookimpl
    def judgebench_secret(name):
        return "from the vault" if name == "VAULTED" else None
    """
    install(site, "vault", source)
    code = "from judgebench import app; s = app.registry().secret; print(s('VAULTED'), s('PLAIN'), s('NO_SUCH'))"
    done = python("-c", code, path=site, VAULTED="from the shell", PLAIN="from the shell too")
    assert done.stdout == "from the vault from the shell too None\n"


def test_an_interrupt_while_a_plugin_loads_is_no_broken_plugin(site):
    install(site, "slow", "raise KeyboardInterrupt")
    done = judgebench("list", path=site)
    assert done.returncode == 130
    assert "set aside" not in done.stdout

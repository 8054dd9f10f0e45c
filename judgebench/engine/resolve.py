"""From a specification to components: every name, option and capability is checked here, before anything is spent."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from judgebench.core.errors import ConfigError
from judgebench.discovery.registry import Registry
from judgebench.engine.entrant import Entrant, Planning
from judgebench.engine.named import build_measure, own_benchmark, resolve_benchmark
from judgebench.engine.resolver import Resolver
from judgebench.engine.spec import Entry, RunSpec
from judgebench.plugin.benchmark import Benchmark
from judgebench.plugin.kinds import Backend, Judge, Policy


@dataclass(frozen=True, slots=True)
class Setup:
    """A run whose every name is resolved; `source` is the benchmark that brings the items."""

    spec: RunSpec
    benchmark: Benchmark
    source: Benchmark
    policies: tuple[Entrant[Policy], ...]
    judges: tuple[tuple[Entrant[Judge], Planning], ...]
    measures: tuple[str, ...]

    @property
    def entrants(self) -> "tuple[Entrant[Any], ...]":
        """Policies, then judges."""
        return (*self.policies, *(judge for judge, _ in self.judges))


def resolve(spec: RunSpec, registry: Registry, *, secrets: bool = True, judged: bool = True) -> Setup:
    """Build every component of a run. ConfigError or PluginError for anything that cannot work.

    `secrets=False` leaves it open whether the keys are there. `judged=False`: policies may answer for no judge.
    """
    resolver = Resolver(spec, registry)
    benchmark = resolve_benchmark(spec.benchmark, registry, spec.data_dir)
    policies = tuple(resolver.policy(name, entry) for name, entry in spec.policies.items())
    judges = tuple(resolver.judge(name, entry) for name, entry in spec.judges.items())
    if not judges and not (policies and not judged):
        raise ConfigError("no judge is named", "add `--judge logprob@BACKEND:MODEL`, or `judges:` in the run file")
    for judge, _ in judges:
        if judge.subject.name in spec.policies:
            raise ConfigError(f"a policy and a judge are both called '{judge.subject.name}'", "rename one of them")
    for name in spec.models:
        resolver.backend(name, "models")  # those that nobody asks are checked too
    measures = tuple(spec.measures) or benchmark.measures
    for number, measure in enumerate(measures):
        build_measure(measure, registry, "corrected")
        if measure in measures[:number]:
            raise ConfigError(f"measure '{measure}' is named twice", "name it once")
    source = own_benchmark(benchmark, registry, spec.data_dir)
    setup = Setup(spec, benchmark, source, policies, judges, measures)
    for entrant in setup.entrants:
        _check(entrant, registry)
        for model in entrant.models:
            if spec.max_cost is not None and model.backend.prices is None:
                raise ConfigError(
                    f"max_cost is given and the prices of model '{model.name}' are not known",
                    "give its prices (0 for a local model), or bound the run by max_calls",
                )
            for secret in model.backend.secrets if secrets else ():
                if not registry.secret(secret):
                    raise ConfigError(f"model '{model.name}' needs the secret {secret}", f"export {secret}=...")
    return setup


def build_entrant(spec: RunSpec, registry: Registry, kind: str, name: str, entry: Entry) -> Entrant[Any]:
    """One policy or judge of a run, alone; errors as of `resolve`."""
    resolver = Resolver(spec, registry)
    entrant: Entrant[Any] = resolver.policy(name, entry) if kind == "policy" else resolver.judge(name, entry)[0]
    _check(entrant, registry)
    return entrant


def _check(entrant: Entrant[Any], registry: Registry) -> None:
    for one in entrant.all():
        for model, request in product(one.models, one.component.needs()):
            if request not in model.backend.can:
                able = [name for name in registry.names(Backend) if request in registry.get(Backend, name).can]
                raise ConfigError(
                    f"{entrant.subject.kind} '{entrant.subject.name}' needs {request.__name__}, "
                    f"which backend '{model.backend.name}' cannot do",
                    "these can: " + (", ".join(able) or "none that is installed"),
                )

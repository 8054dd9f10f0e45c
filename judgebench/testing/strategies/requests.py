"""Requests of every class, and completions, odd ones too."""

from hypothesis import strategies as st

from judgebench.core.request import Chat, Completion, NextToken, Request, Reward, Sampling, SequenceScore, Text, Usage
from judgebench.testing.strategies.conversations import FINISHES, messages, texts

TOKENS = ("A", "B", "C", " A", "1", "2", "3", "4", "5", "m", "M", "The", "", "\n", "😀")


def requests(*classes: type[Request]) -> st.SearchStrategy[Request]:
    """Requests of these classes; without any, of all."""
    samplings = st.builds(
        Sampling,
        temperature=st.sampled_from((0.0, 0.7)),
        max_tokens=st.integers(1, 64),
        stop=st.sampled_from(((), ("\n\n",))),
        seed=st.none() | st.integers(0, 2**31 - 1),
    )
    known: dict[type, st.SearchStrategy[Request]] = {
        Chat: st.builds(Chat, messages(), samplings),
        Text: st.builds(Text, texts(), samplings),
        NextToken: st.builds(NextToken, messages(), st.sampled_from((("A", "B"), ("1", "2", "3")))),
        SequenceScore: st.builds(SequenceScore, messages(), texts()),
        Reward: st.builds(Reward, messages(), texts()),
    }
    return st.one_of([known[cls] for cls in classes or tuple(known)])


def completions() -> st.SearchStrategy[Completion]:
    """What a model may say, whatever it was asked: odd texts, any finish, log-probs of odd tokens, a score or none."""
    logprobs = st.dictionaries(st.sampled_from(TOKENS), st.sampled_from((0.0, -0.1, -1.0, -5.0, -80.0)), max_size=6)
    return st.builds(
        lambda text, finish, pairs, score: Completion(text, finish, Usage(7, 3), pairs, score),
        texts(),
        st.sampled_from(FINISHES),
        logprobs.map(lambda found: tuple(sorted(found.items(), key=lambda pair: -pair[1]))),
        st.none() | st.sampled_from((0.0, -3.5, 2.25, -1e6)),
    )

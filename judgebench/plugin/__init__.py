"""What a plugin is made of: kinds, options, hooks, templates, and the registry that finds them.

A data set whose form both a benchmark and an import read has its reader here as well (`reward_bench`, `llmbar`,
`mt_bench`, `mt_bench_votes`): a component imports none of another kind. A form that one component
alone reads stays in it.

Imports `core` and `stats` (for the table that measures read). Loads third-party code, so only
commands that need components come here.
"""

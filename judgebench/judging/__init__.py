"""How judges ask and how their texts are read: prompts, marks, JSON, choices as tokens, votes."""

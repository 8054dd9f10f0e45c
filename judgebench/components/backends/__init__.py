"""Ways to ask a model, one a file.

`openai` fills four: beside the component its connections (_session), bodies (_wire) and errors (_faults).
"""

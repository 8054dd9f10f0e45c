"""A program that answers: the last message, or how it was asked to fail."""

import json
import sys
import time

given = json.load(sys.stdin)
text = given["messages"][-1]["content"]
match text.split():
    case ["sleep", seconds]:
        time.sleep(float(seconds))
    case ["exit", code]:
        print("out of luck", file=sys.stderr)
        sys.exit(int(code))
print(text, given["sampling"]["max_tokens"])

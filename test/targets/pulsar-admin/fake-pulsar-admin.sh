#!/usr/bin/env bash
# Hands its arguments to the fake broker of the test that runs it, and answers what that says.
exec 3<> "/dev/tcp/127.0.0.1/$FAKE_PORT"
printf '%s\0' "$#" "$@" >&3
IFS= read -r -d '' -u 3 code
IFS= read -r -d '' -u 3 output
IFS= read -r -d '' -u 3 complaint
printf '%s' "$output"
printf '%s' "$complaint" >&2
exit "$code"

#!/usr/bin/env bash
# Builds a dataset anew, verifies it, and compares it with what is committed.
#
#   regenerate.sh [--accept] [--out OUT] [--against OLD_OUT] INPUT RECIPE EXPECTED [-- BUILD_OPTION...]
#
# INPUT     the calls, as for `turnset build`
# RECIPE    the recipe, a TOML file
# EXPECTED  the committed baseline: the content digest, the samples of each split, and what they were made from
#
# --accept           write EXPECTED anew instead of comparing
# --out OUT          where to build; what `turnset build` left there is replaced (default: regenerated)
# --against OLD_OUT  a whole output from before: on drift, `turnset diff` shows what moved in it
#
# The environment's TURNSET names the program if it is not on the path.
# Exit codes: 0 as expected, or accepted; 1 drift, or not built or not verified; 2 usage or recipe.
set -euo pipefail

turnset=${TURNSET:-turnset}
accept=false
out=regenerated
against=

usage() {
    echo "usage: regenerate.sh [--accept] [--out OUT] [--against OLD_OUT] INPUT RECIPE EXPECTED [-- BUILD_OPTION...]" >&2
    exit 2
}

places=()
options=()
while [ $# -gt 0 ]; do
    case $1 in
        --accept) accept=true ;;
        --out) [ $# -ge 2 ] || usage; out=$2; shift ;;
        --against) [ $# -ge 2 ] || usage; against=$2; shift ;;
        --) shift; options=("$@"); break ;;
        -*) usage ;;
        *) places+=("$1") ;;
    esac
    shift
done
[ ${#places[@]} -eq 3 ] || usage
input=${places[0]} recipe=${places[1]} expected=${places[2]}
if ! $accept && [ ! -f "$expected" ]; then
    echo "regenerate.sh: no $expected: write it with --accept" >&2
    exit 2
fi

# A call that was understood before takes its samples along into quarantine (3), and the digest shows that.
code=0
"$turnset" build "$input" --recipe "$recipe" --out "$out" --overwrite ${options[@]+"${options[@]}"} || code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 3 ] || { echo "regenerate.sh: not built" >&2; exit "$code"; }
code=0
"$turnset" verify "$out" || code=$?
[ "$code" -eq 0 ] || { echo "regenerate.sh: not verified" >&2; exit "$code"; }

# Prints what moved, and exits with 10 if anything did: 1 is Python's own, of a broken EXPECTED.
code=0
python3 - "$accept" "$out/dataset/manifest.json" "$expected" >&2 <<'PYTHON' || code=$?
import hashlib
import json
import sys

accept, manifest, expected = sys.argv[1:]
with open(manifest, encoding="utf-8") as file:
    manifest = json.load(file)
now = {
    "content_digest": manifest["content_digest"],
    "samples": {split: told["samples"] for split, told in manifest["splits"].items()},
    "made_from": {
        "inputs": manifest["inputs"]["digest"],
        "recipe": hashlib.sha256(json.dumps(manifest["recipe"], sort_keys=True).encode()).hexdigest(),
        "turnset": manifest["turnset"],
        "users_keyed": manifest["users_keyed"],
    },
}
if accept == "true":
    with open(expected, "w", encoding="utf-8") as file:
        file.write(json.dumps(now, indent=2, sort_keys=True) + "\n")
    print(f"accepted {now['content_digest']}: commit {expected}")
    sys.exit()

with open(expected, encoding="utf-8") as file:
    then = json.load(file)
if (now["content_digest"], now["samples"]) == (then["content_digest"], then["samples"]):
    print(f"no drift: {now['content_digest']}")
    sys.exit()

print(f"drift: the dataset is not what {expected} says")
if now["content_digest"] != then["content_digest"]:
    print(f"  content_digest: {then['content_digest']} -> {now['content_digest']}")
for split in sorted({*then["samples"], *now["samples"]}):
    before, after = then["samples"].get(split, 0), now["samples"].get(split, 0)
    print(f"  samples of {split}: {before}" + (f" -> {after} ({after - before:+})" if before != after else ", the same"))
print("made from:")
for name, before in then["made_from"].items():
    after = now["made_from"].get(name)
    print(f"  {name}: " + (f"{before} -> {after}" if before != after else "the same"))
if now["made_from"] == then["made_from"]:
    print("  so it was another key for the users, or another program of this version")
sys.exit(10)
PYTHON

if [ "$code" -eq 10 ]; then
    code=1
    [ -z "$against" ] || "$turnset" diff "$against" "$out" >&2 || true
    {
        echo "If this is what you want, accept it and commit the file:"
        printf ' %q' "$0" --accept --out "$out" "$input" "$recipe" "$expected"
        [ ${#options[@]} -eq 0 ] || printf ' %q' -- "${options[@]}"
        echo
    } >&2
fi
exit "$code"

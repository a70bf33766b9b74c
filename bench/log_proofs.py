"""Proofs of the log and signatures, judged by programs of others: every proof to 512 entries, none with a changed hash.

    python -m bench.log_proofs                                  with tools fetched into a folder that is gone afterwards
    python -m bench.log_proofs --tools FOLDER [--entries 64]    with those of bench.outside_tools, and a smaller log
    python -m bench.log_proofs --wycheproof FILE                with another file of Wycheproof's Ed25519 cases
    python -m bench.log_proofs --vectors FOLDER                 also transparency-dev's vectors of proofs, its testdata
    python -m bench.log_proofs --signatures-only                the signature cases alone

What is printed: proofs of inclusion and consistency that each judge believes, and how many with one bit of one hash
changed it refuses; the bits of a log of 64 entries of which a changed one gives another root; the signature cases on
which the verifier that is handed out agrees. Ends with 1 where anybody disagrees.
"""

import argparse
import base64
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import outside_tools, usage
from utilization.rules.canonical_json import canonical
from utilization.transparency import ed25519, proofs, tree
from utilization.verifier.verify_evidence import is_signed

ENTRIES, FEW = 512, 64
INCLUSION, CONSISTENCY = "inclusion", "consistency"
Cases = dict[str, Any]
"""A file of Wycheproof, as its JSON says it."""

GO_JUDGE = """
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

func hash(text string) (made tlog.Hash) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 32 {
		panic(text)
	}
	copy(made[:], raw)
	return made
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	right, believed, refused := 0, 0, 0
	for lines.Scan() {
		parts := strings.Split(lines.Text(), " ")
		place, size, first, root := number(parts[1]), number(parts[2]), hash(parts[3]), hash(parts[4])
		hashes := []tlog.Hash{}
		if parts[5] != "" {
			for _, text := range strings.Split(parts[5], ",") {
				hashes = append(hashes, hash(text))
			}
		}
		check := func() bool {
			if parts[0] == "inclusion" {
				return tlog.CheckRecord(tlog.RecordProof(hashes), size, root, place, first) == nil
			}
			return tlog.CheckTree(tlog.TreeProof(hashes), size, root, place, first) == nil
		}
		if check() {
			right++
		}
		for i := range hashes {
			hashes[i][i%32] ^= 1
			if check() {
				believed++
			} else {
				refused++
			}
			hashes[i][i%32] ^= 1
		}
	}
	fmt.Printf("{\\"right\\": %d, \\"believed\\": %d, \\"refused\\": %d}\\n", right, believed, refused)
}
"""

NODE_JUDGE = """
const { verifyMerkleInclusion } = require(process.argv[2] + "/node_modules/@sigstore/verify/dist/tlog/merkle.js");
const bodies = JSON.parse(require("fs").readFileSync(process.argv[3])).map((text) => Buffer.from(text, "base64"));
let right = 0, believed = 0, refused = 0;
for (const line of require("fs").readFileSync(0, "utf8").split("\\n")) {
  const [kind, place, size, , root, hashes] = line.split(" ");
  if (kind !== "inclusion") continue;
  const list = hashes ? hashes.split(",").map((text) => Buffer.from(text, "hex")) : [];
  const entry = { canonicalizedBody: bodies[place], inclusionProof: { logIndex: place, hashes: list } };
  const checkpoint = { logSize: BigInt(size), logHash: Buffer.from(root, "hex") };
  const check = () => { try { verifyMerkleInclusion(entry, checkpoint); return true; } catch { return false; } };
  if (check()) right++;
  list.forEach((hash, i) => { hash[i % 32] ^= 1; if (check()) believed++; else refused++; hash[i % 32] ^= 1; });
}
console.log(JSON.stringify({ right, believed, refused }));
"""

PYTHON_JUDGE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import aics_tlog as judge
right = believed = refused = 0
for line in sys.stdin:
    kind, place, size, first, root, hashes = line.rstrip("\\n").split(" ")
    place, size, first, root = int(place), int(size), bytes.fromhex(first), bytes.fromhex(root)
    made = [bytes.fromhex(text) for text in filter(None, hashes.split(","))]

    def check(made):
        try:
            if kind == "inclusion":
                return judge.verify_inclusion(first, place, size, made, root)
            return judge.verify_consistency(place, size, first, root, made)
        except Exception:
            return False

    right += check(made)
    for i, kept in enumerate(made):
        altered = [*made[:i], bytes([kept[0] ^ 1]) + kept[1:], *made[i + 1 :]]
        if check(altered):
            believed += 1
        else:
            refused += 1
print(json.dumps({"right": right, "believed": believed, "refused": refused}))
"""


def bodies(count: int) -> list[bytes]:
    """Entries as the product writes them."""
    chance = random.Random(count)
    return [
        canonical(
            {"v": 1, "seq": seq, "salt": chance.randbytes(16).hex(), "at": "2026-11-12T15:14:02Z", "type": "note.added",
             "actor": {"id": 7, "roles": ["pharmacist"]}, "site": "north",
             "request": {"uid": f"{chance.randbytes(16).hex()}", "number": f"IVIG-NORTH-2026-{seq:05}"},
             "data": {"note": seq, "text": {"salt": seq, "hmac": chance.randbytes(32).hex()}}}
        )
        for seq in range(count)
    ]  # fmt: skip


def lines_of_proofs(entries: list[bytes]) -> Iterator[str]:
    """Every proof of the log at every size: kind, place or old size, size, leaf hash or old root, root, hashes."""
    growing, nodes, roots = tree.GrowingTree(), {}, [tree.EMPTY_ROOT]
    leaves = [tree.leaf_hash(entry) for entry in entries]
    for leaf in leaves:
        nodes |= {(level, number): made for level, number, made in growing.add(leaf)}
        roots.append(growing.root())

    def node(level: int, number: int) -> bytes:
        return nodes[level, number]

    def line(kind: str, place: int, size: int, first: bytes, hashes: list[bytes]) -> str:
        return f"{kind} {place} {size} {first.hex()} {roots[size].hex()} {','.join(made.hex() for made in hashes)}"

    for size in range(1, len(entries) + 1):
        for place in range(size):
            yield line(INCLUSION, place, size, leaves[place], proofs.inclusion_proof(place, size, node))
        for old in range(1, size + 1):
            yield line(CONSISTENCY, old, size, roots[old], proofs.consistency_proof(old, size, node))


def judge(name: str, words: list[str], lines: list[str]) -> bool:
    """Have one program of others judge the proofs; print what it came to, and say whether all is as it should be."""
    began = time.perf_counter()
    answer = subprocess.run(words, input="\n".join(lines), capture_output=True, text=True, check=True).stdout
    said = json.loads(answer)
    print(
        f"{name}: {said['right']:,} of {len(lines):,} proofs right, {said['refused']:,} with a changed hash refused, "
        f"{said['believed']} believed, {time.perf_counter() - began:.1f} s",
        flush=True,
    )
    return said["right"] == len(lines) and not said["believed"] and said["refused"] > 0


def judged(folder: Path, entries: list[bytes]) -> bool:
    """All proofs of a log of these entries, by every judge that can be had."""
    lines = list(lines_of_proofs(entries))
    right = []
    if built := outside_tools.go_program(folder, GO_JUDGE):
        right.append(judge("Go, golang.org/x/mod/sumdb/tlog", [str(built)], lines))
    if place := outside_tools.aics(folder):
        right.append(judge("Python, aics-tlog", [sys.executable, "-I", "-c", PYTHON_JUDGE, str(place)], lines))
    if place := outside_tools.sigstore(folder):
        (place / "judge.js").write_text(NODE_JUDGE)
        kept = place / "bodies.json"
        kept.write_text(json.dumps([base64.b64encode(body).decode() for body in entries]))
        inclusions = [line for line in lines if line.startswith(INCLUSION)]
        words = ["node", str(place / "judge.js"), str(place), str(kept)]
        right.append(judge("npm, @sigstore/verify (inclusion)", words, inclusions))
    print(f"{len(right)} judges of others were asked; two are wanted.", flush=True)
    return all(right) and len(right) >= 2


def every_bit(count: int) -> bool:
    """Whether each bit of a log of `count` entries, turned around, gives another root."""
    entries = bodies(count)
    leaves = [tree.leaf_hash(entry) for entry in entries]
    root, same, bits = _root(leaves), 0, 0
    for place, entry in enumerate(entries):
        others = leaves.copy()
        for bit in range(8 * len(entry)):
            altered = bytearray(entry)
            altered[bit // 8] ^= 1 << bit % 8
            others[place] = tree.leaf_hash(bytes(altered))
            same += _root(others) == root
            bits += 1
    print(f"{bits:,} bits of {count} entries turned around, one at a time: {bits - same:,} found", flush=True)
    return not same


def _root(leaves: list[bytes]) -> bytes:
    """By recursion over a full tree, as RFC 6962 defines it."""
    while len(leaves) > 1:
        leaves = [
            hashlib.sha256(b"\1" + left + right).digest() for left, right in zip(leaves[::2], leaves[1::2], strict=True)
        ]
    return leaves[0]


def signatures(folder: Path) -> bool:
    """The cases that `cryptography` is tested with: each believed, and none with one bit changed."""
    place = outside_tools.vectors(folder)
    if place is None:
        return True
    wrong = count = 0
    chance = random.Random(25519)
    for line in (place / "cryptography_vectors/asymmetric/Ed25519/sign.input").read_text().splitlines():
        _, key, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        signature = signed[:64]
        altered = bytearray(signature)
        bit = chance.randrange(512)
        altered[bit // 8] ^= 1 << bit % 8
        wrong += not is_signed(message, signature, key)
        wrong += is_signed(message, bytes(altered), key)
        count += 1
    print(
        f"{count:,} signatures by Ed25519 of others, each also with a changed bit: {wrong} judged otherwise", flush=True
    )
    return not wrong


def wycheproof(path: Path) -> bool:
    """Wycheproof's cases: product and handed-out verifier believe the valid ones, none of the invalid, and the same."""
    judges = {"the product": ed25519.is_signed, "the handed-out verifier": is_signed}
    told = {name: judged_cases(json.loads(path.read_text()), believes) for name, believes in judges.items()}
    wrong = 0
    for name, cases in told.items():
        believed, refused = cases.count(("valid", True)), cases.count(("invalid", False))
        otherwise = cases.count(("valid", False)) + cases.count(("invalid", True))
        wrong += otherwise
        left = len(cases) - believed - refused - otherwise
        print(
            f"{len(cases)} cases of Wycheproof's {path.name}, {name}: {believed} valid believed, {refused} invalid "
            f"refused, {otherwise} judged otherwise, {left} left open by the file",
            flush=True,
        )
    apart = sum(ours != handed_out for ours, handed_out in zip(*told.values(), strict=True))
    print(f"Both say the same of all but {apart} of them.", flush=True)
    return not wrong and not apart


def judged_cases(cases: Cases, believes: Callable[[bytes, bytes, bytes], bool]) -> list[tuple[str, bool]]:
    """Each case: what is right (valid, invalid, or acceptable where the file leaves it open), and what was said.

    Raises ValueError where the file has another number of cases than it gives, or another word for what is right.
    """
    told = []
    for group in cases["testGroups"]:
        key = bytes.fromhex((group.get("publicKey") or group["key"])["pk"])
        for case in group["tests"]:
            said = believes(bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]), key)
            told.append((case["result"], said))
    if len(told) != cases["numberOfTests"] or not {right for right, _ in told} <= {"valid", "invalid", "acceptable"}:
        raise ValueError("The file is cut off, or of a form that is not known here.")
    return told


def vectors(folder: Path) -> bool:
    """The vectors of transparency-dev/merkle, a JSON file each: the product believes those said to be right."""
    believed = refused = wrong = 0
    for path in sorted(folder.rglob("*.json")):
        case = json.loads(path.read_text())
        said, right = believes_proof(case), not case["wantErr"]
        believed += said and right
        refused += not said and not right
        wrong += said != right
    print(
        f"Vectors of proofs in {folder.name}: {believed} right believed, {refused} wrong refused, "
        f"{wrong} judged otherwise",
        flush=True,
    )
    return bool(believed and refused and not wrong)


def believes_proof(case: Cases) -> bool:
    """Whether the product believes the proof of one vector."""

    def raw(key: str) -> bytes:
        return base64.b64decode(case[key] or "")

    hashes = [base64.b64decode(text) for text in case["proof"] or ()]
    try:
        if "leafIdx" in case:
            proofs.check_inclusion(raw("leafHash"), case["leafIdx"], case["treeSize"], hashes, raw("root"))
        else:
            proofs.check_consistency(case["size1"], case["size2"], hashes, raw("root1"), raw("root2"))
    except proofs.BadProof:
        return False
    return True


def main() -> int:
    """Measure as the arguments say; 1 where anybody disagrees."""
    usage(__doc__)
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--tools", type=Path)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--wycheproof", type=Path)
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--signatures-only", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-log-proofs-") as gone:
        folder = (asked.tools or Path(gone)).resolve()
        right = [] if asked.signatures_only else [judged(folder, bodies(asked.entries)), every_bit(FEW)]
        right.append(signatures(folder))
        if cases := asked.wycheproof or outside_tools.wycheproof(folder):
            right.append(wycheproof(cases))
    if asked.vectors:
        right.append(vectors(asked.vectors))
    else:
        print("transparency-dev's vectors of proofs cannot be had here, not run: give them by --vectors.", flush=True)
    return int(not all(right))


if __name__ == "__main__":
    sys.exit(main())

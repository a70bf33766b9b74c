"""A log that nobody can rewrite unseen: hash tree, proofs, signed notes. No Django, no files, no clock.

After RFC 6962 and the specifications of C2SP (c2sp.org): signed-note, tlog-checkpoint, tlog-cosignature, tlog-witness,
tlog-proof. Only `ed25519` needs a library; all else is the standard library's.
"""

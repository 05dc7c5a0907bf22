"""Writes the cross product of levels, keys and faults as a scenario table: scenes.py > TABLE.vec

A document is signed at 0 and brought to its level within hours; what the authorities said at that time is
its evidence. It is judged five days later, renewed ones five days after their renewal at +300d, with what
the authorities say by then. A fault is what differs from that. The table has no expectations: what counts is
that two validators agree (dss_scenes.py).
"""

from dataclasses import dataclass, field, replace

LEVELS = ("b", "t", "lt", "lta", "renewed")
KEYS = ("rsa", "rsa-pss", "p256", "p384", "p521", "brainpool", "ed25519")


@dataclass(frozen=True)
class Fault:
    name: str
    prose: str
    certs: tuple = ()
    sign: str = ""
    stamp: str = "+1h"
    trust: str = ""
    early: str = ""  # what the list of that day says of the signer's authority's certificates
    late: str = ""  # what is said when it is judged
    upper: str = ""  # the same of the root's list, early and late
    late_upper: str = ""
    early_this: str = "+90m"
    late_this: str = ""  # usually an hour before it is judged
    days: int = 7  # until nextUpdate
    lists: bool = True
    after: tuple = ()  # steps at the end
    levels: tuple = LEVELS
    keys: tuple = field(default=("p256",))


TSA_APART = ("tsa issuer=root no-urls",)

FAULTS = (
    Fault("valid", "Nothing is wrong", keys=KEYS),
    Fault("expired", "The signer's certificate expired after two days", ("signer from=-30d to=+2d",), late_this="+1d"),
    Fault(
        "expired_before",
        "It had expired an hour before the signature",
        ("signer from=-30d to=-1h",),
        early_this="-2h",
        late_this="-2h",
        days=400,
    ),
    Fault(
        "not_yet",
        "It was issued a day later",
        ("signer from=+1d",),
        early_this="+25h",
        levels=("b", "t", "lt"),
    ),
    Fault(
        "revoked_before",
        "Revoked a day before",
        early="revoked=signer@-1d/keyCompromise",
        late="revoked=signer@-1d/keyCompromise",
    ),
    Fault("revoked_after", "Revoked two days later", late="revoked=signer@+2d/keyCompromise"),
    Fault("revoked_after_no_reason", "The same without a reason", late="revoked=signer@+2d"),
    Fault(
        "revoked_before_known_late",
        "Revoked a day before, which became known later",
        late="revoked=signer@-1d/keyCompromise",
    ),
    Fault(
        "suspended_before",
        "On hold since a day before",
        early="revoked=signer@-1d/certificateHold",
        late="revoked=signer@-1d/certificateHold",
    ),
    Fault("suspended_after", "On hold since two days later", late="revoked=signer@+2d/certificateHold"),
    Fault("resumed", "On hold at the time, but no longer", early="revoked=signer@-1d/certificateHold"),
    Fault(
        "ca_revoked_before",
        "The authority was revoked a day before",
        TSA_APART,
        upper="revoked=ca@-1d/cACompromise",
        late_upper="revoked=ca@-1d/cACompromise",
    ),
    Fault(
        "ca_revoked_after",
        "The authority was revoked two days later",
        TSA_APART,
        late_upper="revoked=ca@+2d/cACompromise",
    ),
    Fault("stale", "The lists were due for renewal a day ago", late_this="+1d", days=3, levels=("b", "t")),
    Fault("missing", "No list at all", lists=False),
    Fault("usage", "A certificate for encryption", ("signer usage=keyEncipherment",)),
    Fault("critical", "A critical extension that nobody knows", ("signer critical-extension",)),
    Fault("bare_ca", "An authority that is none", ("ca bare",), levels=("b", "t")),
    Fault("path_length", "An authority below one that may have none", ("ca pathlen=0", "middle issuer=ca ca usage=keyCertSign,cRLSign no-urls", "signer issuer=middle"), levels=("b",)),
    Fault("weak_key", "1024 bits", ("signer key=rsa-1024",)),
    Fault("unknown_root", "Another root is trusted", ("other issuer=other ca no-urls usage=keyCertSign,cRLSign",), trust="other"),
    Fault("hash", "A covered octet is another one", after=("flip covered",)),
    Fault("value", "The signature value is wrong", sign="bad-value"),
    Fault("digest", "The signed digest is wrong", sign="bad-digest"),
    Fault("ess_none", "No signing-certificate attribute", sign="ess=none"),
    Fault("ess_other", "It names another certificate", sign="ess=other"),
    Fault("page", "A page is changed at the end", after=("change page",)),
    Fault("annotation", "A note is added at the end", after=("change annotation",)),
    Fault("certified_note", "The same though P=2", sign="docmdp=2", after=("change annotation",)),
    Fault("second", "A second signature", ("second",), after=("sign by=second",)),
    Fault("second_bad", "A second signature, whose value is wrong", ("second",), after=("sign by=second bad-value",)),
    Fault("second_revoked", "A second signature by one who is revoked", ("second",), after=("sign by=second",), late="revoked=second@-1d/keyCompromise"),
    Fault("stamp_imprint", "The timestamp is of other data", stamp="+1h/tsa/imprint", levels=LEVELS[1:]),
    Fault("stamp_value", "The timestamp's signature is wrong", stamp="+1h/tsa/value", levels=LEVELS[1:]),
    Fault("stamp_late", "The timestamp is younger than the document timestamp above it", stamp="+1d", levels=LEVELS[3:]),
    Fault("tsa_usage", "The timestamping certificate is for something else", ("tsa eku=emailProtection",), levels=LEVELS[1:]),
    Fault("tsa_expired", "It expired after two days", ("tsa from=-30d to=+2d",), late_this="+1d", levels=LEVELS[1:4]),
    Fault(
        "tsa_revoked_before",
        "It was revoked a day before",
        early="revoked=tsa@-1d/keyCompromise",
        late="revoked=tsa@-1d/keyCompromise",
        levels=LEVELS[1:4],
    ),
    Fault("tsa_revoked_after", "It was revoked two days later", late="revoked=tsa@+2d/keyCompromise", levels=LEVELS[1:4]),
    Fault("tsa_superseded", "It was superseded two days later", late="revoked=tsa@+2d/superseded", levels=LEVELS[1:4]),
    Fault(
        "tsa_unknown",
        "Nobody trusted stands above it",
        ("other issuer=other ca no-urls usage=keyCertSign,cRLSign", "tsa issuer=other no-urls"),
        levels=LEVELS[1:4],
    ),
    Fault(
        "tsa_and_signer_revoked",
        "The signer was revoked, and so was the timestamping certificate",
        late="revoked=signer@+2d/keyCompromise revoked=tsa@+3d/keyCompromise",
        levels=LEVELS[1:4],
    ),
    Fault("content_stamp", "Data were stamped before", sign="content-stamp=-1h"),
    Fault("content_stamp_young", "Data were stamped after the signature was", sign="content-stamp=+2h", levels=LEVELS[1:]),
    Fault(
        "content_after_revocation",
        "Data were stamped after the revocation, so the signature is younger still",
        sign="content-stamp=-1h",
        early="revoked=signer@-1d/keyCompromise",
        late="revoked=signer@-1d/keyCompromise",
    ),
    Fault(
        "content_after_expiry",
        "Data were stamped after the expiry",
        ("signer from=-30d to=-1d",),
        sign="content-stamp=-1h",
        early_this="-2d",
        late_this="-2d",
        days=400,
    ),
)


def words(*parts):
    return " ".join(part for part in parts if part)


def lists_of(fault, name, this, extra, upper):
    if not fault.lists:
        return []
    until = f"next={this}+{fault.days}d"
    return [
        words(f"crl: {name}", f"this={this}", until, extra),
        words(f"crl: {name}-root issuer=root", f"this={this}", until, upper),
    ]


def steps(fault, level):
    """What happens to the document, in its order."""
    stamp = "" if level == "b" else f"stamp={fault.stamp}"
    yield words("do: sign at=0", stamp, fault.sign)
    early = "early early-root" if fault.lists else ""
    if level in LEVELS[2:]:
        yield words("do: store at=+2h ca", early)
    if level in LEVELS[3:]:
        yield "do: timestamp at=+3h"
    if level == "renewed":
        yield words("do: store at=+300d ca", early, "renewal renewal-root" if fault.lists else "")
        yield "do: timestamp at=+300d"


def scene(fault, level, key):
    judged = "+305d" if level == "renewed" else "+5d"
    at = fault.late_this or f"{judged}-1h"
    name = f"x_{fault.name}_{level}" + (f"_{key.replace('-', '')}" if len(fault.keys) > 1 else "")
    print(f"# {fault.prose}.")
    print(f"case: {name}")
    certs = {line.split()[0]: line for line in fault.certs}
    if key != "p256":
        for index, who in enumerate(("root", "ca", "signer", "tsa")):
            certs[who] = words(certs.get(who, who), f"key={key} index={index}")
    for line in certs.values():
        print(f"cert: {line}")
    if fault.trust:
        print(f"trust: {fault.trust}")
    for line in lists_of(fault, "early", fault.early_this, fault.early, fault.upper):
        print(line)
    if level == "renewed":
        for line in lists_of(replace(fault, days=7), "renewal", "+300d-1h", fault.late, fault.late_upper):
            print(line)
    for line in lists_of(fault, "late", at, fault.late, fault.late_upper):
        print(line)
    for line in steps(fault, level):
        print(line)
    for step in fault.after:
        print(f"do: {step}")
    if fault.lists:
        print("given: late late-root")
    print(f"judge: at={judged} offline")
    print()


def main():
    for fault in FAULTS:
        for key in fault.keys:
            for level in fault.levels:
                scene(fault, level, key)


if __name__ == "__main__":
    main()

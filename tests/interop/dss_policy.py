"""Bulla's policy in the words of EU DSS: writes policy.xml beside each policy that scenes.c wrote, where DSS
has the words for it.

dss_policy.py SCENES

The schema is that of DSS 6.4 (policy.xsd), which fixes the order of the elements; an element that is not
there is not checked. Where this differs from DSS's own default policy a comment says why. What has no
words in DSS at all: the grace period of revocation data, clocks that differ by a minute, a critical
and lonely timeStamping usage.
"""

import json
import sys
from pathlib import Path

# RFC 5280 and RFC 6960 extensions that both sides process; a critical one beside these fails the path
# (RFC 5280 6.1.5 (g)). DSS warns by default.
EXTENSIONS = (
    "2.5.29.14 2.5.29.35 2.5.29.15 2.5.29.32 2.5.29.33 2.5.29.17 2.5.29.19 2.5.29.30 2.5.29.36 2.5.29.37 "
    "2.5.29.31 2.5.29.54 1.3.6.1.5.5.7.1.3 1.3.6.1.5.5.7.48.1.5"
).split()

# No status is asked of short-term certificates (EN 319 412-1 5.2.2), of those that say that there is none
# (RFC 9608), and of OCSP responders that say so (RFC 6960 4.2.2.2.1).
NO_STATUS = {"Revocation": ["1.3.6.1.5.5.7.48.1.5"], "": ["0.4.0.194121.2.1", "2.5.29.56"]}

# What the two call their algorithms. DSS counts the keys of EdDSA in octets.
SCHEMES = {"RSA": "RSA", "RSA-PSS": "RSASSA-PSS", "ECDSA": "ECDSA", "PLAIN-ECDSA": "PLAIN-ECDSA", "DSA": "DSA"}
EDWARDS = ("EdDSA", {"32": "forever"})


class Element:
    """XML without any text but names and numbers of our own."""

    def __init__(self):
        self.lines = []
        self.depth = 0

    def leaf(self, name, level=None, ids=(), **attributes):
        if level:
            attributes["Level"] = level
        head = name + "".join(f' {key}="{value}"' for key, value in attributes.items())
        if not ids:
            self.add(f"<{head}/>")
            return
        with self.node(name, head):
            for text in ids:
                self.add(f"<Id>{text}</Id>")

    def node(self, name, head=None):
        self.add(f"<{head or name}>")
        return Node(self, name)

    def add(self, line):
        self.lines.append("  " * self.depth + line)

    def all(self, level, names):
        for name in names.split():
            self.leaf(name, level)


class Node:
    def __init__(self, xml, name):
        self.xml, self.name = xml, name

    def __enter__(self):
        self.xml.depth += 1

    def __exit__(self, *_):
        self.xml.depth -= 1
        self.xml.add(f"</{self.name}>")


def revocation_data(xml, policy, context):
    """Every certificate below the anchor has a status. DSS's default does not insist on those of the
    authorities of timestamps and of revocation data; Bulla does. The status is fresh by EN 319 102-1
    5.2.5, nextUpdate or the maximal age of the policy, where DSS's default takes data of any age; but for
    signatures alone: Bulla asks for data that were fresh at the time of a timestamp, while DSS could
    only compare with the time of validation, which no archived timestamp would survive."""
    level = "FAIL" if policy["revocation"]["required"] else "WARN"
    xml.leaf("RevocationDataAvailable", level)
    xml.leaf("AcceptableRevocationDataFound", level)
    if context != "Signature":
        return
    age = policy["revocation"]["maxAgeSeconds"]
    if age:
        xml.leaf("RevocationFreshness", "FAIL", Unit="SECONDS", Value=age)
    else:
        xml.leaf("CRLNextUpdatePresent", "FAIL")
        xml.leaf("OCSPNextUpdatePresent", "FAIL")
        xml.leaf("RevocationFreshnessNextUpdate", "FAIL")


def certificate_end(xml):
    """Path processing is whole: policies and names too, of which DSS's default only warns."""
    xml.all("FAIL", "PolicyTree NameConstraints")
    xml.leaf("SupportedCriticalExtensions", "FAIL", EXTENSIONS)
    xml.all("FAIL", "IssuerName NotRevoked NotOnHold")


def signing_certificate(xml, policy, context):
    with xml.node("SigningCertificate"):
        xml.all("FAIL", "Recognition Signature NotExpired")
        with xml.node("RevocationDataSkip", 'RevocationDataSkip Level="IGNORE"'):
            with xml.node("CertificateExtensions"):
                for oid in NO_STATUS.get(context, NO_STATUS[""]):
                    xml.add(f"<Id>{oid}</Id>")
        revocation_data(xml, policy, context)
        usage = policy["certificate"]["keyUsageAny"]
        if context == "Signature" and usage:
            # One of the bits; DSS's default warns when nonRepudiation is missing.
            xml.leaf("KeyUsage", "FAIL", usage)
        if context == "Revocation":
            # Who signs lists, and who signs answers; a CA does both by the first.
            xml.leaf("KeyUsage", "FAIL", ["crlSign", "digitalSignature", "nonRepudiation"])
        if context == "Timestamp":
            xml.leaf("ExtendedKeyUsage", "FAIL", ["timeStamping"])
        certificate_end(xml)
        xml.leaf("RevocationIssuerNotExpired", "FAIL")
        cryptographic(xml, policy, "certificate")


def authority_certificate(xml, policy, context):
    with xml.node("CACertificate"):
        xml.all("FAIL", "Signature NotExpired")
        revocation_data(xml, policy, context)
        xml.all("FAIL", "CA MaxPathLength")
        xml.leaf("KeyUsage", "FAIL", ["keyCertSign"])
        certificate_end(xml)
        cryptographic(xml, policy, "certificate")


def basic_constraints(xml, policy, context):
    with xml.node("BasicSignatureConstraints"):
        xml.all("FAIL", "ReferenceDataExistence ReferenceDataIntact SignatureIntact")
        xml.all("FAIL", "ProspectiveCertificateChain")
        if context == "Signature":
            xml.leaf("SignerInformationStore", "FAIL")
        if context != "Revocation":
            # Changes that are not allowed fail the signature; DSS's default warns.
            xml.all("FAIL", "ByteRange ByteRangeCollision PdfSignatureDictionary PdfPageDifference")
            xml.all("WARN", "PdfAnnotationOverlap PdfVisualDifference")
            xml.all("FAIL", "DocMDP FieldMDP SigFieldLock UndefinedChanges")
        signing_certificate(xml, policy, context)
        authority_certificate(xml, policy, context)
        cryptographic(xml, policy, context.lower())


def signed_attributes(xml):
    """A missing signing-certificate attribute is a warning (CMS signatures of Adobe's kind have none), one
    that names another certificate is not."""
    with xml.node("SignedAttributes"):
        xml.all("WARN", "SigningCertificatePresent UnicitySigningCertificate")
        xml.leaf("CertDigestMatch", "FAIL")
        xml.leaf("IssuerSerialMatch", "FAIL")


def signature(xml, policy):
    for name in ("SignatureConstraints", "CounterSignatureConstraints"):
        with xml.node(name):
            if name == "SignatureConstraints":
                xml.leaf("AcceptablePolicies", "FAIL", ["ANY_POLICY", "NO_POLICY"])
                xml.leaf("AcceptableFormats", "FAIL", ["*"])
            basic_constraints(xml, policy, "Signature")
            signed_attributes(xml)


def timestamp(xml, policy):
    with xml.node("Timestamp"):
        delay = policy["timestamp"]["maxDelaySeconds"]
        if delay:
            xml.leaf("TimestampDelay", "FAIL", Unit="SECONDS", Value=delay)
        xml.all("FAIL", "RevocationTimeAgainstBestSignatureTime")
        xml.all("FAIL", "BestSignatureTimeBeforeExpirationDateOfSigningCertificate Coherence")
        basic_constraints(xml, policy, "Timestamp")
        signed_attributes(xml)


def revocation(xml, policy):
    with xml.node("Revocation"):
        xml.all("FAIL", "UnknownStatus ThisUpdatePresent RevocationIssuerKnown")
        xml.all("FAIL", "RevocationIssuerValidAtProductionTime RevocationAfterCertificateIssuance")
        xml.all("FAIL", "RevocationHasInformationAboutCertificate OCSPResponderIdMatch")
        # A CertHash is rare, but when it is there it must be right. A responder that vouches for itself
        # proves nothing. DSS's default warns.
        xml.all("FAIL", "OCSPCertHashMatch SelfIssuedOCSP")
        basic_constraints(xml, policy, "Revocation")


def algorithm(xml, name, **attributes):
    head = "".join(f' {key}="{value}"' for key, value in attributes.items() if value)
    xml.add(f"<Algo{head}>{name}</Algo>")


def schemes_of(table):
    """By DSS's name: sizes and their ends, those that count at no time left out."""
    schemes = {}
    for name, sizes in table["schemes"].items():
        if name.startswith("Ed"):
            if sizes == "forever":
                schemes[EDWARDS[0]] = EDWARDS[1]
            continue
        sizes = sizes if isinstance(sizes, dict) else {"1": sizes}
        sizes = {size: end for size, end in sizes.items() if end != "never"}
        if sizes:
            schemes[SCHEMES[name]] = sizes
    return schemes


def cryptographic(xml, policy, use):
    """The ends of algorithms are those of Bulla's policy, for each use of them. DSS's default only warns of
    ends that came after the policy was made."""
    table = policy["algorithms"][use]
    digests = {name: end for name, end in table["digests"].items() if end != "never"}
    schemes = schemes_of(table)
    with xml.node("Cryptographic", 'Cryptographic Level="FAIL"'):
        with xml.node("AcceptableEncryptionAlgo"):
            for name in schemes:
                algorithm(xml, name)
        with xml.node("MiniPublicKeySize"):
            for name, sizes in schemes.items():
                algorithm(xml, name, Size=min(sizes, key=int))
        with xml.node("AcceptableDigestAlgo"):
            for name in digests:
                algorithm(xml, name)
        dates = 'Level="FAIL" Format="yyyy-MM-dd" UpdateDate="2000-01-01" LevelAfterUpdate="FAIL"'
        with xml.node("AlgoExpirationDate", f"AlgoExpirationDate {dates}"):
            for name, end in digests.items():
                algorithm(xml, name, Date=end.replace("forever", ""))
            for name, sizes in schemes.items():
                for size, end in sizes.items():
                    algorithm(xml, name, Size=size, Date=end.replace("forever", ""))


def in_words_of_dss(policy):
    xml = Element()
    space = "http://dss.esig.europa.eu/validation/policy"
    with xml.node("ConstraintsParameters", f'ConstraintsParameters Name="Bulla" xmlns="{space}"'):
        xml.add("<Description>Bulla's policy; no trusted lists.</Description>")
        signature(xml, policy)
        timestamp(xml, policy)
        revocation(xml, policy)
        cryptographic(xml, policy, "signature")
        xml.leaf("Model", Value="SHELL")
    return "\n".join(xml.lines) + "\n"


def is_comparable(policy, default):
    """It differs from the default only in what is translated above."""
    known = (
        ("certificate", "keyUsageAny"),
        ("revocation", "required"),
        ("revocation", "maxAgeSeconds"),
        ("revocation", "graceSeconds"),
        ("timestamp", "maxDelaySeconds"),
    )
    policy, default = json.loads(json.dumps([policy, default]))
    for group, name in known:
        del policy[group][name], default[group][name]
    return policy == default


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def main():
    scenes = Path(sys.argv[1])
    default = read(scenes / "default-policy")
    for folder in (path for path in scenes.iterdir() if path.is_dir()):
        policy = read(folder / "policy")
        if is_comparable(policy, default):
            (folder / "policy.xml").write_text(in_words_of_dss(policy), encoding="utf-8")


if __name__ == "__main__":
    main()

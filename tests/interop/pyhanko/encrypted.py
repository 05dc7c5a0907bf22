"""Documents that pyHanko encrypted for certificates: Bulla opens, seals and judges them; pyHanko judges the seals.

encrypted.py WORK BUILD CA IN.pdf

One line per case that failed; the last line is "N passed, N failed".
"""

import datetime
import io
import json
import os
import subprocess
import sys

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, x448, x25519
from pyhanko.pdf_utils.crypt import PubKeySecurityHandler, SecurityHandlerVersion
from pyhanko.pdf_utils.crypt.pubkey import RecipientEncryptionPolicy, SimpleEnvelopeKeyDecrypter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

import world

work, build, ca, source = sys.argv[1:5]
bulla, root = os.path.join(build, "bulla"), os.path.join(ca, "root.pem")
PASSWORD = b"recipient"
V = SecurityHandlerVersion

# name: recipient, others before it, settings of pyHanko's handler
CASES = {
    "s4-rc4-40": ("rsa", [], dict(version=V.RC4_40, use_crypt_filters=False, keylen_bytes=5)),
    "s4-rc4-128": ("rsa", [], dict(version=V.RC4_LONGER_KEYS, use_crypt_filters=False, keylen_bytes=16)),
    "s5-rc4": ("rsa", [], dict(version=V.RC4_OR_AES128, use_aes=False)),
    "s5-aes128": ("rsa", [], dict(version=V.RC4_OR_AES128)),
    "s5-aes128-metadata": ("rsa", [], dict(version=V.RC4_OR_AES128, encrypt_metadata=False)),
    "s5-aes256": ("rsa", [], {}),
    "s5-aes256-metadata": ("rsa", [], dict(encrypt_metadata=False)),
    "s5-oaep": ("rsa", [], dict(policy=RecipientEncryptionPolicy(prefer_oaep=True))),
    "s5-p256": ("p256", [], {}),
    "s5-p521": ("p521", [], {}),
    "s5-x25519": ("x25519", [], {}),
    "s5-x448": ("x448", [], {}),
    "s5-many": ("rsa", ["p256", "x25519", "p521"], {}),
}
KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p521": ec.generate_private_key(ec.SECP521R1()),
    "x25519": x25519.X25519PrivateKey.generate(),
    "x448": x448.X448PrivateKey.generate(),
}
CERTS = {}


def path(name):
    return os.path.join(work, name)


def certify(name, key):
    """A certificate that ended long ago, and the PKCS#12 file of its key."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(False, False, True, False, True, False, False, False, False)
    cert = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(2010, 1, 1))
        .not_valid_after(datetime.datetime(2011, 1, 1))
        .add_extension(usage, True)
        .sign(KEYS["rsa"], hashes.SHA256())
    )
    encoding = serialization.Encoding
    private = key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    CERTS[name] = asn1_x509.Certificate.load(cert.public_bytes(encoding.DER))
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-out", path(f"{name}.p12"), "-passout", f"file:{path('recipient')}"],
        input=private + cert.public_bytes(encoding.PEM),
        check=True,
    )


def encrypt(name, recipients, settings):
    with open(source, "rb") as file:
        writer = copy_into_new_writer(PdfFileReader(io.BytesIO(file.read())))
    certs = [CERTS[recipient] for recipient in recipients]
    writer._assign_security_handler(PubKeySecurityHandler.build_from_certs(certs, pdf_mac=False, **settings))
    with open(path(f"{name}.pdf"), "wb") as file:
        writer.write(file)


def run(*command):
    done = subprocess.run([bulla, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"bulla {command[0]}: {done.stderr.strip() or done.stdout[:300]}")
    return done.stdout


def judged_by_bulla(sealed, recipient):
    report = json.loads(run("validate", "--trust", root, "--report", "json", sealed, *recipient))
    signature = report["signatures"][0]
    return report["conclusion"], signature["intact"], signature["name"], signature["reason"]


def judged_by_pyhanko(sealed, recipient):
    with open(sealed, "rb") as file:
        reader = PdfFileReader(file)
        reader.decrypt_pubkey(SimpleEnvelopeKeyDecrypter.load_pkcs12(path(f"{recipient}.p12"), PASSWORD))
        signature = reader.embedded_signatures[0]
        context = ValidationContext(trust_roots=world.certificates([root]), allow_fetching=False)
        status = validate_pdf_signature(signature, context)
        return signature.field_name, str(signature.sig_object["/Reason"]), status.bottom_line


def check(name, recipient, others, settings):
    sealed = path(f"{name}-sealed.pdf")
    key = ["--recipient-key", path(f"{recipient}.p12"), "--recipient-password-file", path("recipient")]
    encrypt(name, others + [recipient], settings)
    run("seal", path(f"{name}.pdf"), "-o", sealed, "--level", "B-B", "--field", "Wax", "--reason", "Für alle",
        "--key", os.path.join(ca, "issued/plain.p12"), "--password-file", os.path.join(ca, "password"), *key)
    expected = "TOTAL-PASSED", True, "Wax", "Für alle"
    found = judged_by_bulla(sealed, key)
    if found != expected:
        raise RuntimeError(f"bulla with the key: {found}")
    found = judged_by_bulla(sealed, [])
    if found != expected[:2] + (None, None):
        raise RuntimeError(f"bulla without the key: {found}")
    # pyHanko reads no PKCS#12 file with these keys.
    if recipient not in ("x25519", "x448"):
        found = judged_by_pyhanko(sealed, recipient)
        if found != ("Wax", "Für alle", True):
            raise RuntimeError(f"pyHanko: {found}")


world.stay_on_loopback()
with open(path("recipient"), "wb") as file:
    file.write(PASSWORD + b"\n")
for name, key in KEYS.items():
    certify(name, key)
failed = 0
for name, case in CASES.items():
    try:
        check(name, *case)
    except Exception as fault:  # whatever went wrong is what the table tells
        print(f"encrypted {name}: {fault}")
        failed += 1
print(f"{len(CASES) - failed} passed, {failed} failed")

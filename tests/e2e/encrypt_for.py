"""Encrypts a one-page PDF for certificates (ISO 32000-2 7.6.5, AES-256) with OpenSSL's command line.

usage: encrypt_for.py OUT CERT.pem...   every certificate gets a list of its own; the first may do everything
"""
import hashlib
import os
import subprocess
import sys

out, certs = sys.argv[1], sys.argv[2:]
seed = os.urandom(20)


def run(*command, data):
    return subprocess.run(["openssl", *command], input=data, stdout=subprocess.PIPE, check=True).stdout


def enveloped(cert, permissions):
    return run("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", cert, data=seed + permissions)


lists = [enveloped(c, b"\xff\xff\xff\xff" if i == 0 else b"\xff\xff\xf0\xc0") for i, c in enumerate(certs)]
key = hashlib.sha256(seed + b"".join(lists)).digest()


def encrypt(plain):
    iv = os.urandom(16)
    return iv + run("enc", "-aes-256-cbc", "-K", key.hex(), "-iv", iv.hex(), data=plain)


def stream(plain):
    data = encrypt(plain)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


objects = [
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    stream(b"BT /F1 24 Tf 72 720 Td (for your eyes only) Tj ET"),
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    b"<< /Title <%s> >>" % encrypt(b"Secret title").hex().encode(),
    b"<< /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 5 /StmF /DefaultCryptFilter /StrF /DefaultCryptFilter "
    b"/CF << /DefaultCryptFilter << /CFM /AESV3 /Length 256 /Recipients [%s] >> >> >>"
    % b" ".join(b"<%s>" % one.hex().encode() for one in lists),
]
pdf, offsets = b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n", []
for number, body in enumerate(objects, 1):
    offsets.append(len(pdf))
    pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
table = len(pdf)
pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
pdf += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R /Encrypt 7 0 R /ID [<01> <01>] >>\n" % (len(objects) + 1)
pdf += b"startxref\n%d\n%%%%EOF\n" % table
with open(out, "wb") as file:
    file.write(pdf)

"""Makes PAdES signatures with pyHanko.

sign.py --password-file F [--tsa URL] [--trust PEM].. [--digest sha256] (--p12 F --level L IN OUT | --batch F)

Levels are B, T, LT, LTA. A batch file has one job per line, tab-separated: P12 LEVEL IN OUT.
One line of JSON per job. Exit status 1 when some job could not be done.
"""

import argparse
import asyncio
import json
import logging
import sys

from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import optimal_pss_params
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

import world


def settings(level, options, roots, field):
    """PAdES baseline: no validation data below LT, a document timestamp at LTA only."""
    long_term = level in ("LT", "LTA")
    return signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=options.digest,
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=long_term,
        use_pades_lta=level == "LTA",
        validation_context=ValidationContext(
            trust_roots=roots, allow_fetching=True, revocation_mode="require"
        )
        if long_term
        else None,
    )


def signer_of(p12, options, password, roots):
    with open(p12, "rb") as file:
        signer = signers.SimpleSigner.load_pkcs12_data(file.read(), roots, password)
    # A key of OID id-RSASSA-PSS names no mechanism to pyHanko, which knows the padding all the same.
    if not options.prefer_pss and signer.signing_cert.public_key.algorithm != "rsassa_pss":
        return signer
    return signers.SimpleSigner(
        signer.signing_cert,
        signer.signing_key,
        signer.cert_registry,
        SignedDigestAlgorithm(
            {
                "algorithm": "rsassa_pss",
                "parameters": optimal_pss_params(signer.signing_cert, options.digest or "sha256"),
            }
        ),
    )


async def sign(job, options, password, roots):
    p12, level, source, target = job
    signer = signer_of(p12, options, password, roots)
    stamper = None if level == "B" else HTTPTimeStamper(options.tsa)
    with open(source, "rb") as file:
        writer = IncrementalPdfFileWriter(file)
        field = f"pyHanko{len(writer.prev.embedded_signatures) + 1}"
        author = signers.PdfSigner(
            settings(level, options, roots, field), signer=signer, timestamper=stamper
        )
        sealed = await author.async_sign_pdf(writer)
        with open(target, "wb") as out:
            out.write(sealed.getbuffer())


def main():
    parser = argparse.ArgumentParser(prog="sign.py")
    parser.add_argument("--p12")
    parser.add_argument("--password-file", required=True)
    parser.add_argument("--level", choices=("B", "T", "LT", "LTA"), default="B")
    parser.add_argument("--tsa", metavar="URL")
    parser.add_argument("--trust", action="append", default=[], metavar="PEM")
    parser.add_argument("--digest", default=None)
    parser.add_argument("--prefer-pss", action="store_true")
    parser.add_argument("--batch", metavar="FILE")
    parser.add_argument("operands", nargs="*", metavar="IN OUT")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    world.stay_on_loopback()
    with open(options.password_file, "rb") as file:
        password = file.read().strip()
    jobs = [[options.p12, options.level, *options.operands]]
    if options.batch:
        with open(options.batch, encoding="utf-8") as file:
            jobs = [line.rstrip("\n").split("\t") for line in file]
    roots = world.certificates(options.trust)
    failed = False
    for job in jobs:
        row = {"file": job[3]}
        try:
            asyncio.run(sign(job, options, password, roots))
            row["done"] = True
        except Exception as fault:
            failed = True
            row["error"] = f"{type(fault).__name__}: {fault}"
        print(json.dumps(row), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""ETSI reports against the schema of TS 119 102-2, offline: etsi_schema.py LIB_FOLDER REPORT...

The schema and those it imports come out of EU DSS's jars in LIB_FOLDER, a catalogue stands in for
the network, xmllint judges. One line of JSON per report: {"file": F, "schema": null or the complaint}.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MAIN = "1910202xmlSchema.xsd"
# Where a schema says its imports are, and the file in the jars that is meant.
IMPORTS = {
    "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd": "xmldsig-core-schema.xsd",
    "http://www.w3.org/2001/xml.xsd": "xml.xsd",
    "http://uri.etsi.org/01903/v1.3.2/XAdES.xsd": "XAdES.xsd",
    "http://uri.etsi.org/19612/v2.2.1/ts_119612v020201_201601xsd.xsd": "ts_119612v020101_xsd.xsd",
}


def unpack(library, folder):
    for jar in sorted(Path(library).glob("specs-*.jar")):
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                if name.endswith(".xsd"):
                    (folder / Path(name).name).write_bytes(archive.read(name))
    rows = "".join(
        f'<system systemId="{uri}" uri="{(folder / name).as_uri()}"/>' for uri, name in IMPORTS.items()
    )
    catalogue = folder / "catalog.xml"
    catalogue.write_text(f'<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">{rows}</catalog>')
    return catalogue


def complaints(schema, catalogue, reports):
    """The first complaint about each report that has one, or about the schema itself."""
    done = subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", str(schema), *reports],
        env={**os.environ, "XML_CATALOG_FILES": str(catalogue)},
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    said = done.stderr.splitlines()
    valid = {line.removesuffix(" validates") for line in said if line.endswith(" validates")}
    for report in reports:
        first = next((line for line in said if line.startswith(report + ":")), None)
        yield report, None if report in valid else first or (said or ["no answer"])[0]


def main(library, *reports):
    bad = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue = unpack(library, folder)
        for report, complaint in complaints(folder / MAIN, catalogue, reports):
            print(json.dumps({"file": report, "schema": complaint}))
            bad |= complaint is not None
    return bad


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

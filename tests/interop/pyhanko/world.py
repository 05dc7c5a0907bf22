"""What pyHanko may trust, and the guard that keeps it on this machine."""

import sys

from asn1crypto import pem, x509


def stay_on_loopback():
    """From here on a connection to another machine fails, whatever address a certificate names."""

    def guard(event, arguments):
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            if not str(arguments[1][0]).startswith("127.") and arguments[1][0] != "::1":
                raise PermissionError(f"not a loopback address: {arguments[1][0]}")
        if event == "socket.getaddrinfo" and isinstance(arguments[0], str):
            if not (arguments[0] == "localhost" or arguments[0][0].isdigit()):
                raise PermissionError(f"names are not looked up: {arguments[0]}")

    sys.addaudithook(guard)


def certificates(paths):
    """Every certificate in the PEM or DER files."""
    found = []
    for path in paths:
        with open(path, "rb") as file:
            octets = file.read()
        items = pem.unarmor(octets, multiple=True) if pem.detect(octets) else [(0, 0, octets)]
        found += [x509.Certificate.load(item) for _, _, item in items]
    return found

"""Attacks on connections, heads and bodies. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import resource
import time

from attack_scene import *

PATIENCE_S = 150


@case
def slow_clients_are_ended_and_hinder_nobody():
    """Heads that trickle, bodies that trickle, TLS that is not begun; each ended, whatever comes of it in between."""
    slow = []
    for n in range(40):
        kind = ("head", "body", "hello")[n % 3]
        s = connect(("window", "desk", "api")[n % 3], tls=kind != "hello")
        if kind == "head":
            s.sendall(b"GET /login HTTP/1.1\r\nHost: " + host("window") + b"\r\n")
        elif kind == "body":
            s.sendall(request("desk", b"POST /login HTTP/1.1", b"Content-Type: " + FORM.encode(), b"Content-Length: 60000", body=b"login="))
        else:
            s.sendall(b"\x16\x03\x01\x02")
        s.settimeout(0.01)
        slow.append((kind, s))
    ended, began = {"head": 0, "body": 0, "hello": 0}, time.monotonic()
    while slow and time.monotonic() - began < PATIENCE_S:
        alive()
        for one in list(slow):
            kind, s = one
            try:
                s.sendall(b"X-a: b\r\n" if kind == "head" else b"a")
                over = s.recv(4096) == b""
            except (TimeoutError, ssl.SSLWantReadError):
                over = False
            except OSError:
                over = True
            if over:
                ended[kind] += 1
                s.close()
                slow.remove(one)
        time.sleep(0.5)
    is_(slow, [], f"ended: {ended}")


@case
def slow_readers_hinder_nobody():
    sealing = new_sealing(documents=[("large.pdf", document() + b"%" * (DOCUMENT_MOST - 100000))])
    officer, _ = visit(sealing)
    cookies = "; ".join(f"{k}={v}" for k, v in officer.cookies.items()).encode()
    held = []
    for _ in range(60):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(30)
        s.connect(("127.0.0.1", w.house.ports["window"]))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        s = context.wrap_socket(s, server_hostname="localhost")
        s.sendall(request("window", f"GET /sealing/{sealing['id']}/documents/1/file HTTP/1.1".encode(), b"Cookie: " + cookies))
        held.append(s)
    for s in held:
        is_(s.recv(12), b"HTTP/1.1 200", "the reply begins")
    alive()
    is_(officer.get(f"/sealing/{sealing['id']}").status, 200)
    for s in held:
        s.close()


@case
def half_requests_leave_nothing():
    part = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n' + document()
    whole = request("api", b"POST /v1/sealings HTTP/1.1", b"Authorization: Bearer " + w.key.encode(),
                    b"Content-Type: multipart/form-data; boundary=x", b"Content-Length: 100000", body=part)
    for n in range(60):
        s = connect("api")
        s.sendall(whole[:len(whole) * (n + 1) // 61])
        s.close()
    alive()
    for _ in range(200):
        if not incoming():
            break
        time.sleep(0.1)
    is_(incoming(), [])


@case
def thousands_of_idle_connections():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = min(10000, hard - 500)
    held = []
    try:
        for n in range(most):
            s = socket.socket()
            s.setblocking(False)
            s.bind((f"127.0.1.{1 + n // 400}", 0))
            s.connect_ex(("127.0.0.1", w.house.ports["window"]))
            held.append(s)
            if n % 2500 == 2499:
                alive()
        alive()
        is_(len(held), most)
        officer, page = visit(new_sealing())
        assert "A test" in page.text, page.text[:500]
    finally:
        for s in held:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@case
def one_address_cannot_take_all_connections():
    held = []
    for _ in range(700):
        s = socket.socket()
        s.settimeout(5)
        s.bind(("127.0.2.1", 0))
        s.connect(("127.0.0.1", w.house.ports["api"]))
        held.append(s)
    alive()
    over = 0
    for s in held:
        s.settimeout(0.01)
        try:
            over += s.recv(1) == b""
        except (TimeoutError, BlockingIOError):
            pass
        except OSError:
            over += 1
    assert over >= 150, f"{over} of 700 were ended"
    for s in held:
        s.close()


@case
def wrong_content_types():
    api = portal()
    for kind in ("application/json", "text/plain", FORM, "multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; boundary=",
                 "multipart/form-data; boundary=" + "x" * 71, "multipart/form-data; boundary=a; boundary=b", "", ";", "a/b/c"):
        answer = api.ask("POST", "/v1/sealings", b"--x--\r\n", {"Content-Type": kind})
        among(answer.status, (400, 415), kind)
        assert answer.json["code"] in ("media-type", "request-malformed", "field-invalid"), answer.text
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        answer = w.house.client("desk").ask("POST", "/login", "{}", {"Content-Type": kind, "Origin": w.house.base("desk")})
        is_(answer.status, 415, kind)
    is_(api.ask("POST", "/v1/sealings", b"x", {"Content-Type": "multipart/form-data; boundary=x", "Content-Encoding": "gzip"}).status, 415)


@case
def oversize_heads_and_bodies():
    bearer = b"Authorization: Bearer " + w.key.encode()
    multipart = b"Content-Type: multipart/form-data; boundary=x"
    is_(status_of(talk("api", request("api", b"POST /v1/sealings HTTP/1.1", bearer, multipart, b"Content-Length: 99999999999"))), 413)
    among(status_of(talk("api", request("api", b"POST /v1/sealings HTTP/1.1", bearer, multipart, b"Content-Length: 99999999999999999999"))), (400, 413))
    part = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.pdf"\r\n\r\n'
    with connect("api") as s:
        s.sendall(request("api", b"POST /v1/sealings HTTP/1.1", bearer, multipart, b"Transfer-Encoding: chunked"))
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        try:
            s.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            for _ in range(16 * 64):
                s.sendall(chunk)
        except OSError:
            pass
        among(status_of(read_to_end(s)), (413, 0), "64 MiB in chunks")
    form = b"Content-Type: " + FORM.encode()
    is_(status_of(talk("desk", request("desk", b"POST /login HTTP/1.1", form, b"Content-Length: 400000", body=b"a" * 400000))), 413)
    among(status_of(talk("desk", request("desk", b"GET /login HTTP/1.1", *[b"X-%d: y" % n for n in range(100)]))), (431,))
    among(status_of(talk("desk", request("desk", b"GET /login HTTP/1.1", b"X: " + b"y" * 30000))), (431,))
    among(status_of(talk("desk", request("desk", b"GET /login HTTP/1.1", b"X: " + b"y" * 200000))), (431, 413, 0))
    among(status_of(talk("desk", request("desk", b"GET /" + b"a" * 5000 + b" HTTP/1.1"))), (414, 431))
    is_(status_of(talk("desk", request("desk", b"GET /login HTTP/1.1", b"Content-Length: 5", body=b"aaaaa"))), 413)
    many = b"&".join(b"a%d=b" % n for n in range(20000))
    among(status_of(talk("desk", request("desk", b"POST /login HTTP/1.1", form, b"Content-Length: %d" % len(many), body=many))), (400, 413))
    alive()
    is_(incoming(), [])


@case
def malformed_multipart():
    head = b'Content-Disposition: form-data; name="document"; filename="a.pdf"\r\n'
    bodies = [b"", b"--x", b"--x--", b"--x\r\n\r\n--x--\r\n", b"--x\r\n" + head, b"--x\r\n" + head + b"\r\nabc", b"--y\r\n" + head + b"\r\nabc\r\n--y--\r\n",
              b"--x\r\n" + head + head + b"\r\na\r\n--x--\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
              b"--x\r\nContent-Disposition: attachment; name=\"document\"\r\n\r\na\r\n--x--\r\n",
              b"--x\r\nContent-Disposition: form-data; name=\"a\0b\"\r\n\r\na\r\n--x--\r\n",
              b"--x\r\nContent-Disposition: form-data; name=\"" + b"n" * 5000 + b"\"\r\n\r\na\r\n--x--\r\n",
              b"--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\r\nX: y\"\r\n\r\na\r\n--x--\r\n",
              b"--x\r\nContent-Transfer-Encoding: base64\r\n" + head + b"\r\nYWJj\r\n--x--\r\n", b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\na\r\n--x--\r\n",
              b"".join(b"--x\r\n" + head + b"\r\na\r\n" for _ in range(400)) + b"--x--\r\n", b"\xff" * 5000, b"--x\r\n" * 5000]
    for n, body in enumerate(bodies):
        answer = portal().ask("POST", "/v1/sealings", body, {"Content-Type": "multipart/form-data; boundary=x"})
        among(answer.status, (400, 413, 415, 422), f"{n}: {answer.text[:200]}")
        assert not leaks(answer.text), answer.text
    is_(incoming(), [])


@case
def malformed_json():
    texts = ["", "{", "[]", "null", "1", '"x"', '{"title":1}', '{"title":"a","title":"b"}', '{"title":"\\ud800"}', '{"title":"a\\u0000b"}',
             '{"title":"a"}x', '{"title":"a",}', "{'title':'a'}", "[" * 20000, '{"a":' * 5000, '{"title":"a","data":{"x":1e999}}', '{"title":"a","data":' + "[" * 3000 + "]" * 3000 + "}",
             '{"title":"a","data":{"x":NaN}}', '\ufeff{"title":"a"}', '{"title":"' + "a" * 70000 + '"}', '{"partner":{"$ne":1},"title":"a"}', '{"__proto__":1,"title":"a"}']
    for text in texts:
        answer = portal().multipart("/v1/sealings", [("request", text), ("document", "a.pdf", "application/pdf", document())])
        among(answer.status, (400, 413), f"{text[:60]}: {answer.text[:200]}")
        assert not leaks(answer.text), answer.text
    raw = b'--x\r\nContent-Disposition: form-data; name="request"\r\n\r\n{"title":"\xff\xfe"}\r\n--x--\r\n'
    is_(portal().ask("POST", "/v1/sealings", raw, {"Content-Type": "multipart/form-data; boundary=x"}).status, 400, "no UTF-8")


@case
def path_tricks():
    targets = [b"/../../etc/passwd", b"/..%2f..%2fetc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/style.css/../../etc/passwd", b"//etc/passwd", b"/./login",
               b"/login/", b"/login%00", b"/login%0d%0aX: y", b"/login;a", b"/login\\..", b"/%c0%ae%c0%ae/", b"/%", b"/%zz", b"login", b"*", b"http://evil.example/login",
               b"/sealing/..%2f..", b"/sealing/sl_" + b"0" * 26 + b"/documents/../../x", b"/sealing/sl_%2e%2e/documents/1/file", b"/\xff", b"/login#x", b"/language/../en?to=/"]
    for listener in ("api", "window", "desk"):
        for target in targets:
            reply = talk(listener, request(listener, b"GET " + target + b" HTTP/1.1"))
            among(status_of(reply), (400, 404, 405), f"{listener} {target!r}: {reply[:80]!r}")
            assert b"root:" not in reply and b"\r\nX: y" not in reply, reply
    for method in (b"TRACE", b"CONNECT", b"PUT", b"DELETE", b"PROPFIND", b"get", b"G" * 3000):
        among(status_of(talk("desk", request("desk", method + b" /login HTTP/1.1"))), (400, 405, 414, 431, 501), method)


@case
def requests_that_mean_two_things():
    """Smuggling: refused, and what stands behind is no request of its own."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked"
    for headers, body in (
            ([b"Content-Length: 5", chunked], b"0\r\n\r\n" + hidden), ([chunked, b"Content-Length: 5"], b"0\r\n\r\n" + hidden),
            ([b"Content-Length: 0", b"Content-Length: 40"], hidden), ([b"Content-Length: 0, 40"], hidden), ([b"Content-Length: +0"], hidden),
            ([b"Content-Length: -1"], hidden), ([b"Content-Length: 0x0"], hidden), ([b"Transfer-Encoding: xchunked"], hidden),
            ([b"Transfer-Encoding: gzip, chunked"], hidden), ([chunked, b"Transfer-Encoding: identity"], hidden), ([b"Transfer-Encoding : chunked"], hidden),
            ([b"Transfer-Encoding:\x0bchunked"], hidden), ([b"X: y\r\n folded: z"], b""), ([chunked], b"ffffffffffffffff1\r\n" + hidden),
            ([chunked], b"-1\r\n" + hidden), ([chunked], b"0x1\r\na\r\n0\r\n\r\n" + hidden), ([b"Host: evil.example"], b""), ([b"X\0: y"], b""), ([b": y"], b"")):
        reply = talk("api", request("api", b"POST /v1/sealings HTTP/1.1", b"Authorization: Bearer " + w.key.encode(), *headers, body=body, close=False), timeout=8)
        among(status_of(reply), (0, 400, 411, 413, 415, 431, 501), f"{headers}: {reply[:200]!r}")
        assert not re.search(rb"HTTP/1.1 [123]", reply), f"{headers}: {reply[:800]!r}"


@case
def hosts_that_are_not_ours():
    for listener in ("window", "desk"):
        for name in (b"evil.example", b"localhost.evil.example", b"localhost:1@evil.example", b"", b"localhost:1"):
            reply = talk(listener, b"GET /login HTTP/1.1\r\nHost: " + name + b"\r\nConnection: close\r\n\r\n")
            among(status_of(reply), (400, 421), f"{listener} {name!r}")
            assert b"evil.example" not in reply, reply
        is_(status_of(talk(listener, b"GET /login HTTP/1.1\r\nConnection: close\r\n\r\n")), 400, "no host")
    reply = talk("window", request("window", b"GET /partner HTTP/1.1", b"X-Forwarded-Host: evil.example", b"Forwarded: host=evil.example"))
    assert b"evil.example" not in reply, reply
    sealing = ask(headers={"Host": "evil.example"})
    assert "evil.example" not in sealing.text, sealing.text


@case
def framing_sniffing_and_scripts():
    for listener, path in (("window", "/login"), ("desk", "/login"), ("desk", "/nothing"), ("api", "/v1/sealings"), ("window", "/w/" + "0" * 64)):
        answer = w.house.client(listener).get(path)
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "script-src 'self'"):
            assert part in policy, policy
        assert "unsafe" not in policy, policy
        is_((answer.headers["X-Frame-Options"], answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]), ("DENY", "nosniff", "same-origin"))
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        assert not answer.headers.get("Access-Control-Allow-Origin") and "no-store" in answer.headers["Cache-Control"]
        assert not re.search(r"<script>|<style| on\w+=| style=", answer.text), answer.text


@case
def what_goes_wrong_tells_nothing_of_the_inside():
    for listener in ("api", "window", "desk"):
        client = w.house.client(listener, key=w.key if listener == "api" else None)
        for method, path, body in (("GET", "/nothing", None), ("GET", "/v1/sealings/x", None), ("GET", "/v1/sealings?limit=x", None), ("DELETE", "/login", None),
                                   ("POST", "/login", "a=%zz"), ("POST", "/v1/sealings", "x"), ("GET", "/w/x", None), ("GET", "/sealing/x", None),
                                   ("GET", "/v1/filings/fl_" + "0" * 26, None), ("GET", "/partner", None), ("GET", "/staff", None), ("GET", "/log?before=-1", None)):
            answer = client.ask(method, path, body, {"Content-Type": FORM} if body else None)
            assert answer.status < 500, f"{listener} {method} {path}: {answer.status}"
            assert not leaks(answer.text), f"{listener} {method} {path}: {leaks(answer.text)}: {answer.text[:500]}"
            assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers


@case
def tls_that_is_old_or_none():
    s = connect("window", tls=False)
    s.sendall(request("window", b"GET /login HTTP/1.1"))
    assert b"HTTP/" not in read_to_end(s), "plain HTTP is answered where TLS is spoken"
    s.close()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with socket.create_connection(("127.0.0.1", w.house.ports["window"]), 20) as plain, context.wrap_socket(plain) as old:
            raise AssertionError(f"{old.version()} is spoken")
    except (ssl.SSLError, ConnectionError):
        pass
    for _ in range(50):
        s = connect("desk", tls=False)
        s.sendall(os.urandom(200))
        s.close()
    alive()

# RINGBACK=http://127.0.0.1:8080 pytest test_sandbox.py
import http.server, json, os, threading, urllib.parse, urllib.request, pytest

def ask(method, path, body=None):
    request = urllib.request.Request(os.environ["RINGBACK"] + path, json.dumps(body or {}).encode(), method=method)
    return json.load(urllib.request.urlopen(request))

class Backend(http.server.BaseHTTPRequestHandler):  # stands for the app backend under test
    got = []
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(urllib.parse.parse_qs(self.path.partition("?")[2])["command"][0])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ErrorCode":0}')

@pytest.fixture
def sandbox():
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    callback = f"http://127.0.0.1:{backend.server_port}/callback"
    made = ask("POST", "/sim/v1/sandboxes", {"callback": callback, "pace": "instant"})
    yield made["path"]
    ask("DELETE", made["path"])

def test_a_call_that_is_rejected_ends(sandbox):
    assert ask("POST", sandbox + "/calls", {"outcome": "reject", "generation": "v1"})["number"] == 1
    ask("POST", sandbox + "/wait")  # until it is over and all is acknowledged
    assert {"callee_reject_call", "call_end"} <= set(Backend.got)

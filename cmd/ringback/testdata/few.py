# A backend as Python's documentation shows it: over HTTP/1.1 it serves one connection at
# once, for as long as that is open.
from http.server import BaseHTTPRequestHandler, HTTPServer


class Backend(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, so that no answer waits for the other side

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ErrorMessage":""}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Backend)
print(f"http://127.0.0.1:{server.server_port}/callback", flush=True)
server.serve_forever()

"""Says which worker answers; /slow takes its time; /print?TEXT prints."""
import json
import os
import sys
import time


def application(environ, start_response):
    path, query = environ['PATH_INFO'], environ['QUERY_STRING']
    if path == '/slow':
        time.sleep(0.7)
    if path == '/print':
        print(query, flush=True)
        print(f'{query} (stderr)', file=sys.stderr, flush=True)
    start_response('200 OK', [('Content-Type', 'application/json')])
    return [json.dumps({'pid': os.getpid(), 'ppid': os.getppid()}).encode()]

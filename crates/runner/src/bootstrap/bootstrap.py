"""Runs a Python handler against the Lambda Runtime API, with as few imports as it can."""

import sys
import os
import json
from _socket import socket, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_NODELAY

API = "/2018-06-01/runtime/"


class Api:
    """One kept-alive connection; each message is one write."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = address
        self.socket = socket(AF_INET, SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self.kept = b""

    def next(self):
        _, headers, body = self.call(b"GET", "invocation/next", b"", "")
        return headers, body

    def post(self, path, body, error_type=None):
        extra = "Content-Type: application/json\r\n"
        if error_type:
            extra += "Lambda-Runtime-Function-Error-Type: %s\r\n" % error_type
        return self.call(b"POST", path, body, extra)[0]

    def call(self, method, path, body, extra):
        head = "%s %s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n" % (
            method.decode(), API, path, self.address, len(body), extra)
        self.socket.sendall(head.encode("latin-1") + body)
        return self.answer()

    def answer(self):
        kept = self.kept
        while True:
            end = kept.find(b"\r\n\r\n")
            if end >= 0:
                break
            kept += self.more()
        lines = kept[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        rest = kept[end + 4:]
        if len(rest) < length:
            parts, have = [rest], len(rest)
            while have < length:
                part = self.more()
                parts.append(part)
                have += len(part)
            rest = b"".join(parts)
        self.kept = rest[length:]
        return int(lines[0].split(" ", 2)[1]), headers, rest[:length]

    def more(self):
        data = self.socket.recv(262144)
        if not data:
            os._exit(0)
        return data


class Fault(Exception):
    """Something of the runtime's own that has AWS's name."""

    def __init__(self, error_type, message, trace=None):
        Exception.__init__(self, message)
        self.error_type = error_type
        self.message = message
        self.trace = trace


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __init__(self, given):
        given = given or {}
        self.cognito_identity_id = given.get("cognitoIdentityId")
        self.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]

    def __init__(self, given):
        for name in self.__slots__:
            setattr(self, name, given.get(name))


class ClientContext:
    __slots__ = ["custom", "env", "client"]

    def __init__(self, given):
        self.custom = given.get("custom")
        self.env = given.get("env")
        self.client = Client(given["client"]) if given.get("client") else None


class LambdaContext:
    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = CognitoIdentity(json.loads(identity) if identity else None)
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self._epoch_deadline_time_in_ms = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        names = ("aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
                 "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id")
        return "LambdaContext([%s])" % ",".join("%s=%s" % (name, getattr(self, name)) for name in names)


def load(handler):
    """The handler's function, or a Fault in AWS's words."""
    try:
        module, function = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '%s': %s" % (handler, error))
    if module.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict",
                    "Cannot use built-in module %s as a handler module" % module)
    try:
        import importlib
        loaded = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module, error), trace)
    try:
        return getattr(loaded, function)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function, module))


def describe(error):
    """An exception as the service tells it, without our own frames."""
    if isinstance(error, Fault):
        return error.message, error.error_type, error.trace or []
    import traceback
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if frame.filename != __file__ and "importlib" not in frame.filename]
    return str(error), type(error).__name__, traceback.format_list(frames)


def fail(path, error, request_id):
    message, error_type, trace = describe(error)
    lines = ["[ERROR] %s: %s" % (error_type, message), "Traceback (most recent call last):"]
    for entry in trace:
        lines.extend(entry.rstrip("\n").split("\n"))
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        told = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR",
                "errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        body = {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}
        return api.post(path, json.dumps(body).encode(), error_type)
    # The service takes a carriage return for a line within one event; no-break spaces keep the indent.
    text = "\r".join(line.replace("\n", "\r") for line in lines)
    sys.stdout.write("\n".join([text]).replace("\r  ", "\r\u00a0\u00a0") + "\n")
    sys.stdout.flush()
    body = {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}
    api.post(path, json.dumps(body).encode(), error_type)


def plain(value):
    """What JSON does not know: decimals, as AWS turns them into numbers."""
    decimal = sys.modules.get("decimal")
    if decimal and isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def encode(result):
    try:
        return json.dumps(result, default=plain, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def decode(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def set_up_logging():
    import logging

    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            sys.stdout.write(self.format(record))

    class RequestId(logging.Filter):
        def filter(self, record):
            record.aws_request_id = request_id
            return True

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            told = {"timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"), "level": record.levelname,
                    "message": record.getMessage(), "logger": record.name}
            if record.exc_info:
                told["errorType"] = record.exc_info[0].__name__
                told["errorMessage"] = str(record.exc_info[1])
                told["stackTrace"] = self.formatException(record.exc_info).split("\n")[1:-1]
                told["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
            told["requestId"] = record.aws_request_id
            if tenant_id:
                told["tenantId"] = tenant_id
            known = logging.LogRecord("", 0, "", 0, "", None, None).__dict__
            for name, value in record.__dict__.items():
                if name not in known and name not in ("message", "asctime", "aws_request_id"):
                    told[name] = value
            return json.dumps(told, ensure_ascii=False, default=str) + "\n"

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.setFormatter(JsonFormatter() if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON" else logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestId())
    logging.root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
    if level:
        logging.root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level.upper(), level.upper()))


def serve():
    global request_id, tenant_id
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as error:
        fail("init/error", error, "")
        sys.exit(1)
    environ = os.environ
    while True:
        headers, body = api.next()
        request_id = headers["lambda-runtime-aws-request-id"]
        tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        trace_id = headers.get("lambda-runtime-trace-id")
        if trace_id:
            environ["_X_AMZN_TRACE_ID"] = trace_id
        else:
            environ.pop("_X_AMZN_TRACE_ID", None)
        path = "invocation/" + request_id
        try:
            answer = encode(handler(decode(body), LambdaContext(headers)))
        except Exception as error:
            fail(path + "/error", error, request_id)
            continue
        # What was written without an end of line must be there before the answer is.
        sys.stdout.flush()
        status = api.post(path + "/response", answer)
        if status == 413:
            sys.stdout.write("[ERROR] LambdaRuntimeClientError: Failed to post invocation response\n")


request_id = None
tenant_id = None
sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
# Where layers bring packages, AWS looks for them in these two, the one of the version first.
sys.path[1:1] = [sys.argv[1] + "/python/lib/python%d.%d/site-packages" % sys.version_info[:2], sys.argv[1] + "/python"]
# The SDK comes last, so that code and layers may bring another version.
sys.path.append(sys.argv[2])
debug_port = os.environ.get("FOGBANK_DEBUG_PORT")
if debug_port:
    # Brought by the code, a layer, or what all functions see.
    import debugpy
    debugpy.listen(("127.0.0.1", int(debug_port)))
    debugpy.wait_for_client()
api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
import time
set_up_logging()
serve()

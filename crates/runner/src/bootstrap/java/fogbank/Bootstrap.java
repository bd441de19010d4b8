package fogbank;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaRuntimeInternal;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a Java handler against the Lambda Runtime API. */
public final class Bootstrap {
    private static final String API =
            "http://" + System.getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/";

    private final Object target;
    private final Method method;

    private Bootstrap(Object target, Method method) {
        this.target = target;
        this.method = method;
        method.setAccessible(true);
    }

    public static void main(String[] arguments) throws IOException {
        // Kept for all invocations, however many threads the function has.
        System.setProperty("http.maxConnections", "1");
        LambdaRuntimeInternal.setLogger(new Invocation.Logger());
        Bootstrap bootstrap = null;
        try {
            bootstrap = load(System.getenv("_HANDLER"));
        } catch (Throwable error) {
            Throwable cause = unwrap(error);
            fail("init/error", cause);
            System.exit(1);
        }
        while (true) {
            bootstrap.serve();
        }
    }

    private static Bootstrap load(String handler) throws ReflectiveOperationException {
        String[] parts = handler.split("::", 2);
        Class<?> type;
        try {
            type = Class.forName(parts[0]);
        } catch (ClassNotFoundException error) {
            throw new ClassNotFoundException("Class not found: " + parts[0]);
        }
        Method method = choose(type, parts.length > 1 ? parts[1] : "handleRequest");
        if (method == null) {
            String named = parts.length > 1 ? parts[1] : "handleRequest";
            throw new NoSuchMethodException("No public method named " + named
                    + " with appropriate method signature found on class " + parts[0]);
        }
        Object target = Modifier.isStatic(method.getModifiers()) ? null : type.getConstructor().newInstance();
        return new Bootstrap(target, method);
    }

    /** The one that takes most: an event, a context, or the streams. */
    private static Method choose(Class<?> type, String name) {
        Method found = null;
        for (Method method : type.getMethods()) {
            Class<?>[] taken = method.getParameterTypes();
            boolean streams = taken.length >= 2 && taken[0] == InputStream.class && taken[1] == OutputStream.class;
            int before = streams ? 2 : 1;
            boolean fits = taken.length <= before || taken.length == before + 1 && taken[before] == Context.class;
            if (method.getName().equals(name) && fits && !method.isBridge() && !method.isSynthetic()
                    && (found == null || taken.length > found.getParameterCount())) {
                found = method;
            }
        }
        return found;
    }

    private void serve() throws IOException {
        HttpURLConnection next = open("invocation/next");
        // The next event may be hours away.
        next.setReadTimeout(0);
        byte[] event = next.getInputStream().readAllBytes();
        Invocation invocation = new Invocation(next);
        String path = "invocation/" + invocation.getAwsRequestId() + "/";
        String trace = next.getHeaderField("Lambda-Runtime-Trace-Id");
        if (trace != null) {
            System.setProperty("com.amazonaws.xray.traceHeader", trace);
        }
        try {
            post(path + "response", answer(event, invocation), null);
        } catch (Throwable error) {
            fail(path + "error", unwrap(error));
            if (error.getCause() instanceof VirtualMachineError) {
                System.exit(1);
            }
        }
    }

    private byte[] answer(byte[] event, Context context) throws Throwable {
        Type[] taken = method.getGenericParameterTypes();
        if (taken.length >= 2 && taken[0] == InputStream.class) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Object[] given = {new ByteArrayInputStream(event), out, context};
            method.invoke(target, java.util.Arrays.copyOf(given, taken.length));
            return out.toByteArray();
        }
        Object[] given = new Object[taken.length];
        for (int i = 0; i < taken.length; i++) {
            boolean isContext = taken[i] == Context.class;
            given[i] = isContext ? context
                    : taken[i] == InputStream.class ? new ByteArrayInputStream(event)
                    : Binding.bind(Json.read(new String(event, StandardCharsets.UTF_8)), taken[i]);
        }
        return Json.write(method.invoke(target, given)).getBytes(StandardCharsets.UTF_8);
    }

    private static Throwable unwrap(Throwable error) {
        boolean wraps = error instanceof InvocationTargetException || error instanceof ExceptionInInitializerError;
        return wraps && error.getCause() != null ? error.getCause() : error;
    }

    private static void fail(String path, Throwable error) throws IOException {
        StringWriter text = new StringWriter();
        text.append(error.getMessage() == null ? "" : error.getMessage())
                .append(": ").append(error.getClass().getName()).append('\n');
        error.printStackTrace(new PrintWriter(text, true));
        // The service takes a carriage return for a line within one event.
        System.out.println(text.toString().stripTrailing().replace("\n", "\r"));
        System.out.flush();
        post(path, Json.write(describe(error, 0)).getBytes(StandardCharsets.UTF_8), error.getClass().getName());
    }

    private static Map<String, Object> describe(Throwable error, int depth) {
        List<String> trace = new ArrayList<>();
        for (StackTraceElement frame : error.getStackTrace()) {
            // Below that, it is no longer the function.
            if (frame.getClassName().startsWith("fogbank.") || frame.getClassName().contains("internal.reflect")) {
                break;
            }
            trace.add(frame.toString());
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("errorMessage", error.getMessage());
        told.put("errorType", error.getClass().getName());
        told.put("stackTrace", trace);
        if (error.getCause() != null && depth < 10) {
            told.put("cause", describe(error.getCause(), depth + 1));
        }
        return told;
    }

    private static HttpURLConnection open(String path) throws IOException {
        return (HttpURLConnection) new URL(API + path).openConnection();
    }

    private static void post(String path, byte[] body, String errorType) throws IOException {
        HttpURLConnection connection = open(path);
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        if (errorType != null) {
            connection.setRequestProperty("Lambda-Runtime-Function-Error-Type", errorType);
        }
        connection.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        InputStream answer =
                connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream();
        // Read to its end, the connection is used again.
        if (answer != null) {
            answer.readAllBytes();
        }
    }
}

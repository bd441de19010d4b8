package fogbank;

import com.amazonaws.services.lambda.runtime.Client;
import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.net.HttpURLConnection;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a handler is told of its invocation: from the event's headers and the environment. */
final class Invocation implements Context {
    private static final LambdaLogger LOGGER = new Logger();
    private final String requestId;
    private final String arn;
    private final String tenant;
    private final long deadline;
    private final Map<?, ?> client;
    private final Map<?, ?> identity;

    Invocation(HttpURLConnection event) {
        requestId = event.getHeaderField("Lambda-Runtime-Aws-Request-Id");
        arn = event.getHeaderField("Lambda-Runtime-Invoked-Function-Arn");
        tenant = event.getHeaderField("Lambda-Runtime-Aws-Tenant-Id");
        deadline = event.getHeaderFieldLong("Lambda-Runtime-Deadline-Ms", 0);
        client = object(event.getHeaderField("Lambda-Runtime-Client-Context"));
        identity = object(event.getHeaderField("Lambda-Runtime-Cognito-Identity"));
    }

    private static Map<?, ?> object(String text) {
        Object read = text == null || text.isEmpty() ? null : Json.read(text);
        return read instanceof Map ? (Map<?, ?>) read : null;
    }

    private static String text(Map<?, ?> from, String name) {
        Object found = from == null ? null : from.get(name);
        return found == null ? null : found.toString();
    }

    private static Map<String, String> texts(Object from) {
        Map<String, String> all = new LinkedHashMap<>();
        if (from instanceof Map) {
            ((Map<?, ?>) from).forEach((name, value) -> all.put(name.toString(), String.valueOf(value)));
        }
        return all;
    }

    @Override public String getAwsRequestId() { return requestId; }

    @Override public String getLogGroupName() { return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME"); }

    @Override public String getLogStreamName() { return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME"); }

    @Override public String getFunctionName() { return System.getenv("AWS_LAMBDA_FUNCTION_NAME"); }

    @Override public String getFunctionVersion() { return System.getenv("AWS_LAMBDA_FUNCTION_VERSION"); }

    @Override public String getInvokedFunctionArn() { return arn; }

    @Override public String getTenantId() { return tenant; }

    @Override public int getRemainingTimeInMillis() {
        return (int) Math.max(0, deadline - System.currentTimeMillis());
    }

    @Override public int getMemoryLimitInMB() {
        return Integer.parseInt(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    }

    @Override public LambdaLogger getLogger() { return LOGGER; }

    @Override public CognitoIdentity getIdentity() {
        return new CognitoIdentity() {
            @Override public String getIdentityId() { return text(identity, "cognitoIdentityId"); }

            @Override public String getIdentityPoolId() { return text(identity, "cognitoIdentityPoolId"); }
        };
    }

    @Override public ClientContext getClientContext() {
        if (client == null) {
            return null;
        }
        Map<?, ?> app = client.get("client") instanceof Map ? (Map<?, ?>) client.get("client") : null;
        return new ClientContext() {
            @Override public Map<String, String> getCustom() { return texts(client.get("custom")); }

            @Override public Map<String, String> getEnvironment() { return texts(client.get("env")); }

            @Override public Client getClient() { return app == null ? null : new App(app); }
        };
    }

    private static final class App implements Client {
        private final Map<?, ?> app;

        App(Map<?, ?> app) {
            this.app = app;
        }

        @Override public String getInstallationId() { return text(app, "installation_id"); }

        @Override public String getAppTitle() { return text(app, "app_title"); }

        @Override public String getAppVersionName() { return text(app, "app_version_name"); }

        @Override public String getAppVersionCode() { return text(app, "app_version_code"); }

        @Override public String getAppPackageName() { return text(app, "app_package_name"); }
    }

    /** Writes to standard output, which is the function's log. */
    static final class Logger implements LambdaLogger {
        @Override public void log(String message) {
            System.out.print(message);
            System.out.flush();
        }

        @Override public void log(byte[] message) {
            System.out.write(message, 0, message.length);
            System.out.flush();
        }
    }
}

package com.amazonaws.services.lambda.runtime;

/** The logger, for code that has no context. */
public interface LambdaRuntime {
    static LambdaLogger getLogger() {
        return LambdaRuntimeInternal.logger;
    }
}

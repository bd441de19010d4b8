package com.amazonaws.services.lambda.runtime;

/** Holds what {@link LambdaRuntime} gives out. */
public final class LambdaRuntimeInternal {
    static volatile LambdaLogger logger;

    private LambdaRuntimeInternal() {}

    public static void setLogger(LambdaLogger given) {
        logger = given;
    }
}

package com.amazonaws.services.lambda.runtime;

/** Who calls. */
public interface CognitoIdentity {
    String getIdentityId();

    String getIdentityPoolId();
}

//! `DeleteFunction`: removes a function with its code; its environments end.

use api_lambda::{DeleteFunction, DeleteFunctionInput, DeleteFunctionOutput, LambdaError};
use kernel::{Context, Handler};

use crate::Lambda;
use crate::function::{FUNCTIONS, Function};
use crate::names::FunctionName;

impl Handler<DeleteFunction> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteFunctionInput,
    ) -> Result<DeleteFunctionOutput, LambdaError> {
        let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;

        self.store
            .write(&name.scope, |tx| {
                let function = Function::get(tx, &name)?;
                tx.drop_blob(&function.code.blob)?;
                tx.delete(&FUNCTIONS, &name.name)?;
                Ok::<_, LambdaError>(())
            })
            .await?;

        self.runner.retire(&name.plain_arn()).await;
        Ok(DeleteFunctionOutput { status_code: Some(204) })
    }
}

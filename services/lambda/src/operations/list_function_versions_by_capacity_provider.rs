//! `ListFunctionVersionsByCapacityProvider`: who uses a provider.

use api_lambda::{
    FunctionVersionsByCapacityProviderListItem, LambdaError, ListFunctionVersionsByCapacityProvider,
    ListFunctionVersionsByCapacityProviderInput, ListFunctionVersionsByCapacityProviderOutput,
};
use kernel::{Context, Fault, Handler};

use super::capacity_provider::find;
use crate::function::Function;
use crate::names::FunctionName;
use crate::{Lambda, capacity, paging};

const LIST: &str = "lambda.capacity_provider_users";

impl Handler<ListFunctionVersionsByCapacityProvider> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListFunctionVersionsByCapacityProviderInput,
    ) -> Result<ListFunctionVersionsByCapacityProviderOutput, LambdaError> {
        let (arn, page) = self.store.read(&cx.scope, |tx| {
            let (_, row) = find(cx, tx, &input.capacity_provider_name)?;
            let arn = row.shown.0.capacity_provider_arn;
            let users = capacity::users(tx, &arn)?.into_iter().map(Ok::<_, Fault>);
            let key = |(name, user): &(String, Function)| format!("{name}:{}", user.version);
            let page = paging::cut(users, LIST, input.marker.as_deref(), input.max_items, key)?;
            Ok::<_, LambdaError>((arn, page))
        })?;

        let describe = |(name, user): (String, Function)| {
            let qualifier = Some(user.version.clone());
            let name = FunctionName { scope: cx.scope.clone(), name, qualifier };
            FunctionVersionsByCapacityProviderListItem {
                function_arn: name.arn(),
                state: user.describe(&name, self.moment(&name, &user)).state.unwrap_or_default(),
            }
        };
        Ok(ListFunctionVersionsByCapacityProviderOutput {
            capacity_provider_arn: arn,
            function_versions: page.items.into_iter().map(describe).collect(),
            next_marker: page.next,
        })
    }
}

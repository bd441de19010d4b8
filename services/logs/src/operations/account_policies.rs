//! `PutAccountPolicy`, `DescribeAccountPolicies`, `DeleteAccountPolicy`.

use api_logs::{
    DeleteAccountPolicy, DeleteAccountPolicyInput, DeleteAccountPolicyOutput, DescribeAccountPolicies,
    DescribeAccountPoliciesInput, DescribeAccountPoliciesOutput, LogsError, PutAccountPolicy,
    PutAccountPolicyInput, PutAccountPolicyOutput,
};
use kernel::{Context, Fault, Handler, page};
use store::ReadTx;

use crate::account_policy::{
    ACCOUNT_POLICIES, DATA_PROTECTION, FIELD_INDEX, Row, SUBSCRIPTION, Selection, TRANSFORMER,
};
use crate::protection::Policy;
use crate::subscription::Subscription;
use crate::{Logs, errors, index, limits};

const LIST: &str = "logs.account_policies";

impl Handler<PutAccountPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutAccountPolicyInput,
    ) -> Result<PutAccountPolicyOutput, LogsError> {
        let (kind, name) = (input.policy_type.as_str().to_owned(), input.policy_name);
        if name.is_empty() || name.starts_with("aws/") || name.contains([':', '*']) {
            return Err(LogsError::invalid_parameter_exception("Invalid policy name."));
        }
        let row = Row {
            document: input.policy_document,
            selection: input.selection_criteria.filter(|text| !text.is_empty()),
            updated: cx.clock.millis(),
        };
        self.check_policy(cx, &kind, &row).await?;
        if input.dry_run == Some(true) {
            return Err(errors::not_emulated("dry runs of account policies"));
        }

        self.store
            .write(&cx.scope, |tx| {
                let key = (kind.as_str(), name.as_str());
                check_others(tx, &kind, &name, &row)?;
                Ok::<_, LogsError>(tx.put(&ACCOUNT_POLICIES, &key, &row)?)
            })
            .await?;

        let account_policy = Some(row.describe(&cx.scope, kind, name));
        Ok(PutAccountPolicyOutput { account_policy, ..PutAccountPolicyOutput::default() })
    }
}

impl Logs {
    async fn check_policy(&self, cx: &Context, kind: &str, row: &Row) -> Result<(), LogsError> {
        let selection = row.selection.as_deref().map(|text| Selection::parse(text).ok_or(text)).transpose();
        let selection = selection.map_err(|text| {
            LogsError::invalid_parameter_exception(format!("Invalid selection criteria: {text}"))
        })?;
        match (kind, selection) {
            (DATA_PROTECTION, None) => Policy::parse(&row.document).map(drop),
            (SUBSCRIPTION, None | Some(Selection::NotIn(_))) => {
                let subscription = Subscription::of_account(row)?;
                crate::subscription::check(cx, &subscription.destination, subscription.role.as_deref())?;
                self.patterns.get(&subscription.pattern)?;
                self.target(cx, &subscription.destination)?.verify(cx).await
            }
            (FIELD_INDEX, None | Some(Selection::Prefix(_))) => index::fields(&row.document).map(drop),
            (TRANSFORMER, None | Some(Selection::Prefix(_))) => {
                self.transformers.compiled(&row.document).map(drop)
            }
            (DATA_PROTECTION | SUBSCRIPTION | FIELD_INDEX | TRANSFORMER, Some(_)) => {
                Err(LogsError::invalid_parameter_exception(format!(
                    "{kind} does not take these selection criteria."
                )))
            }
            _ => Err(errors::not_emulated(&format!("account policies of the type {kind}"))),
        }
    }
}

/// Refuses one policy more than AWS takes: one, or some whose groups are not the same.
fn check_others(tx: &ReadTx<'_>, kind: &str, name: &str, row: &Row) -> Result<(), LogsError> {
    let own = row.selection.as_deref().and_then(Selection::parse);
    let mut others = tx.prefix(&ACCOUNT_POLICIES, &(kind,)).collect::<Result<Vec<_>, Fault>>()?;
    others.retain(|((_, other), _)| other != name);
    let most =
        if own.is_some() && matches!(kind, FIELD_INDEX | TRANSFORMER) { limits::SCOPED_POLICIES } else { 1 };
    if others.len() >= most {
        return Err(errors::limit_exceeded());
    }
    let overlaps = |other: &Row| {
        let other = other.selection.as_deref().and_then(Selection::parse);
        own.as_ref().zip(other).is_none_or(|(own, other)| own.overlaps(&other))
    };
    match others.iter().find(|(_, other)| overlaps(other)) {
        Some(((_, name), _)) => Err(errors::overlapping_policies(name)),
        None => Ok(()),
    }
}

impl Handler<DescribeAccountPolicies> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeAccountPoliciesInput,
    ) -> Result<DescribeAccountPoliciesOutput, LogsError> {
        let kind = input.policy_type.as_str();
        let after = super::pair_after(LIST, input.next_token)?;

        let rows: Vec<((String, String), Row)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.prefix(&ACCOUNT_POLICIES, &(kind,));
            let rows = match &after {
                Some(after) => rows.after(after),
                None => rows,
            };
            rows.take(limits::PAGE + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, limits::PAGE, LIST, |(key, _)| super::pair_key(key));
        let wanted = |name: &String| input.policy_name.as_ref().is_none_or(|wanted| wanted == name);
        let policies = page.items.into_iter().filter(|((_, name), _)| wanted(name));
        let policies: Vec<_> =
            policies.map(|((kind, name), row)| row.describe(&cx.scope, kind, name)).collect();
        if policies.is_empty()
            && let Some(name) = &input.policy_name
        {
            return Err(errors::no_such_policy(name));
        }
        Ok(DescribeAccountPoliciesOutput { account_policies: Some(policies), next_token: page.next })
    }
}

impl Handler<DeleteAccountPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteAccountPolicyInput,
    ) -> Result<DeleteAccountPolicyOutput, LogsError> {
        let key = (input.policy_type.as_str(), input.policy_name.as_str());

        self.store
            .write(&cx.scope, |tx| {
                let is_gone = tx.delete(&ACCOUNT_POLICIES, &key)?;
                if is_gone { Ok(()) } else { Err(errors::no_such_policy(&input.policy_name)) }
            })
            .await?;

        Ok(DeleteAccountPolicyOutput::default())
    }
}

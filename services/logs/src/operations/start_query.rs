//! `StartQuery`: runs a query of Insights. It is complete when its id is answered.

use api_logs::{LogsError, QueryLanguage, StartQuery, StartQueryInput, StartQueryOutput};
use kernel::{Context, Fault, Handler};

use crate::group::{GROUPS, Group};
use crate::insights::Selection;
use crate::query::{self, QUERIES, RESULTS, Row};
use crate::{Logs, errors, insights, limits, names};

impl Handler<StartQuery> for Logs {
    async fn handle(&self, cx: &Context, input: StartQueryInput) -> Result<StartQueryOutput, LogsError> {
        if input.query_language.as_ref().is_some_and(|language| *language != QueryLanguage::Cwli) {
            return Err(errors::not_emulated("queries in SQL and PPL"));
        }
        let selection = insights::parse(&input.query_string)?.selection;
        let most = limits::page(input.limit, limits::QUERY_RESULTS);
        let groups = match selection {
            Some(selection) => self.selected(cx, &input, &selection)?,
            None => groups(&input)?,
        };
        if input.start_time > input.end_time {
            let message = "End time should not be less than start time.";
            return Err(LogsError::invalid_parameter_exception(message));
        }
        let row = Row {
            groups,
            text: input.query_string,
            start: input.start_time,
            end: input.end_time,
            created: cx.clock.millis(),
        };

        let (store, scope, asked) = (self.store.clone(), cx.scope.clone(), row.clone());
        let find = move || {
            let query = insights::parse(&asked.text)?;
            query::run(&store, &scope, &asked, &query, most)
        };
        // A query may take long: it does not hold up others.
        let results = tokio::task::spawn_blocking(find).await.map_err(Fault::internal)?;
        let results = results.map_err(|error| with_request(cx, error))?;

        let id = cx.ids.uuid();
        let oldest = row.created - limits::QUERY_DAYS * limits::DAY;
        self.store
            .write(&cx.scope, |tx| {
                forget(tx, oldest)?;
                tx.put(&QUERIES, &id, &row)?;
                tx.put(&RESULTS, &id, &results)
            })
            .await?;

        Ok(StartQueryOutput { query_id: Some(id) })
    }
}

impl Logs {
    /// The groups that a query tells itself.
    fn selected(
        &self,
        cx: &Context,
        input: &StartQueryInput,
        selection: &Selection,
    ) -> Result<Vec<String>, LogsError> {
        if input.log_group_name.is_some()
            || input.log_group_names.is_some()
            || input.log_group_identifiers.is_some()
        {
            return Err(errors::groups_named_and_selected());
        }
        if selection.accounts.iter().any(|account| account != cx.scope.account.as_str()) {
            return Err(errors::not_emulated("queries of other accounts"));
        }
        let is_wanted = |name: &str, group: &Group| {
            let class = group.class.as_str();
            let is_class = match selection.classes.as_slice() {
                [] => class == "STANDARD",
                classes => classes.iter().any(|wanted| wanted.eq_ignore_ascii_case(class)),
            };
            let prefixes = &selection.prefixes;
            is_class && (prefixes.is_empty() || prefixes.iter().any(|prefix| name.starts_with(prefix)))
        };
        let rows =
            self.store.read(&cx.scope, |tx| tx.range(&GROUPS, ..).collect::<Result<Vec<_>, Fault>>())?;
        let wanted = rows.into_iter().filter(|(name, group)| is_wanted(name, group));
        let groups: Vec<_> = wanted.map(|(name, _)| name).collect();
        if groups.len() > limits::SELECTED_GROUPS { Err(errors::too_many_selected()) } else { Ok(groups) }
    }
}

/// Queries are remembered for some days.
fn forget(tx: &mut store::WriteTx<'_>, oldest: i64) -> Result<(), Fault> {
    let mut old = Vec::new();
    for row in tx.range(&QUERIES, ..) {
        let (id, row) = row?;
        if row.created < oldest {
            old.push(id);
        }
    }
    old.iter().try_for_each(|id| {
        tx.delete(&QUERIES, id)?;
        tx.delete(&RESULTS, id).map(drop)
    })
}

/// The groups of a query, which callers name in one of three ways.
fn groups(input: &StartQueryInput) -> Result<Vec<String>, LogsError> {
    let ways = [
        input.log_group_name.clone().map(|name| vec![name]),
        input.log_group_names.clone(),
        input.log_group_identifiers.clone(),
    ];
    let mut given = ways.into_iter().flatten();
    let Some(groups) = given.next().filter(|groups| !groups.is_empty()) else {
        return Err(errors::no_groups_for_query());
    };
    if given.next().is_some() {
        return Err(errors::groups_named_twice());
    }
    if groups.len() > limits::QUERY_GROUPS {
        return Err(errors::too_many_query_groups());
    }
    let mut names: Vec<_> = groups.iter().map(|group| names::from_identifier(group)).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// The query engine behind the service speaks of the request in its own words.
fn with_request(cx: &Context, error: LogsError) -> LogsError {
    let fault: Fault = error.into();
    if fault.code() != "ResourceNotFoundException" {
        return fault.into();
    }
    LogsError::resource_not_found_exception(format!(
        "{} (Service: AWSLogs; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: {}; Proxy: null)",
        fault.message(),
        cx.ids.uuid()
    ))
}

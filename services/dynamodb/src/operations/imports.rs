//! `ImportTable`, `DescribeImport`, `ListImports`: tables that are made of what lies in S3.

use std::time::Duration;

use api_dynamodb::{
    CreateTableInput, DescribeImport, DescribeImportInput, DescribeImportOutput, DynamodbError, ImportTable,
    ImportTableInput, ImportTableOutput, InputFormat, ListImports, ListImportsInput, ListImportsOutput,
};
use kernel::{Context, Fault, Handler, Scope};
use protocol::formats::json_writer;

use super::create_table;
use crate::table::{Status, TABLES, Table};
use crate::transfer::{IMPORTS, Import, import_token, locate, parse_import_token, table_of};
use crate::{Dynamodb, errors, limits, names};

/// The most lines of a page, and how many there are unless the caller says so.
const PAGE: i32 = 25;

/// For how long a token stands for the import it was first used for.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTable.html>
const TOKEN: Duration = Duration::from_hours(8);

impl Handler<ImportTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ImportTableInput,
    ) -> Result<ImportTableOutput, DynamodbError> {
        if input.table_creation_parameters.vector_indexes.is_some() {
            return Err(errors::not_emulated("vector indexes"));
        }
        let is_csv = input.input_format == InputFormat::Csv;
        if !is_csv && input.input_format_options.as_ref().is_some_and(|options| options.csv.is_some()) {
            return Err(errors::validation("CSV options can only be specified when InputFormat is CSV"));
        }
        let (scope, name) = names::locate(cx, &input.table_creation_parameters.table_name)?;
        let request = json_writer::object(&input);
        if let Some(known) = self.known_import(cx, &scope, &input, &request)? {
            return Ok(ImportTableOutput { import_table_description: known.describe(&scope)? });
        }
        let table = create_table::prepare(cx, &scope, &name, &creation(&input))?;
        let now = cx.clock.now();
        let id = format!("{:014}-{}", now.as_millisecond(), cx.ids.hex(8));
        let (failure, read, ended) = Default::default();
        let table_id = table.id.clone();
        let import = Import { id, table: name, table_id, request, started: now, ended, failure, read };

        self.store
            .write(&scope, |tx| {
                if tx.contains(&TABLES, &import.table)? {
                    return Err(errors::table_exists(&import.table));
                }
                let rows = tx.range(&IMPORTS, ..).map(|row| row.map(|(_, import)| import));
                let running = rows.filter(|row| row.as_ref().map_or(true, |row| row.ended.is_none()));
                if running.collect::<Result<Vec<Import>, Fault>>()?.len() >= limits::IMPORTS {
                    return Err(DynamodbError::limit_exceeded_exception(
                        "Too many concurrent imports: the limit is 50",
                    ));
                }
                // Whoever carries out the import makes it active.
                let status = Status::Creating(None);
                let table = Table { number: Table::next_number(tx)?, status, ..table.clone() };
                tx.put(&TABLES, &import.table, &table)?;
                Ok(tx.put(&IMPORTS, &(import.table.as_str(), import.id.as_str()), &import)?)
            })
            .await?;
        self.transfers_asked.notify_one();

        Ok(ImportTableOutput { import_table_description: import.describe(&scope)? })
    }
}

/// The parameters of the table, as `CreateTable` has them.
fn creation(input: &ImportTableInput) -> CreateTableInput {
    let given = input.table_creation_parameters.clone();
    CreateTableInput {
        table_name: given.table_name,
        attribute_definitions: Some(given.attribute_definitions),
        key_schema: Some(given.key_schema),
        billing_mode: given.billing_mode,
        provisioned_throughput: given.provisioned_throughput,
        on_demand_throughput: given.on_demand_throughput,
        sse_specification: given.sse_specification,
        global_secondary_indexes: given.global_secondary_indexes,
        ..Default::default()
    }
}

impl Dynamodb {
    /// The import that the caller's token stands for already.
    fn known_import(
        &self,
        cx: &Context,
        scope: &Scope,
        input: &ImportTableInput,
        request: &[u8],
    ) -> Result<Option<Import>, DynamodbError> {
        if input.client_token.is_none() {
            return Ok(None);
        }
        let since = cx.clock.now() - TOKEN;
        let imports: Vec<Import> = self.store.read(scope, |tx| {
            let all = tx.range(&IMPORTS, ..).map(|row| row.map(|(_, import)| import));
            all.filter(|row| row.as_ref().map_or(true, |import| import.started > since))
                .collect::<Result<_, Fault>>()
        })?;
        for import in imports {
            if import.input()?.client_token != input.client_token {
                continue;
            }
            if import.request == request {
                return Ok(Some(import));
            }
            return Err(DynamodbError::import_conflict_exception(
                "There was a conflict when importing from the specified S3 source: the client token was used with other \
                 parameters",
            ));
        }
        Ok(None)
    }
}

impl Handler<DescribeImport> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeImportInput,
    ) -> Result<DescribeImportOutput, DynamodbError> {
        let arn = &input.import_arn;
        let not_found = || DynamodbError::import_not_found_exception(format!("Import not found: {arn}"));
        let (scope, table, id) = locate(cx, arn, "import").ok_or_else(not_found)?;

        let import: Option<Import> =
            self.store.read(&scope, |tx| tx.get(&IMPORTS, &(table.as_str(), id.as_str())))?;

        let import = import.ok_or_else(not_found)?;
        Ok(DescribeImportOutput { import_table_description: import.describe(&scope)? })
    }
}

impl Handler<ListImports> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListImportsInput,
    ) -> Result<ListImportsOutput, DynamodbError> {
        let (scope, only) = match &input.table_arn {
            Some(arn) => table_of(cx, arn).map(|(scope, name)| (scope, Some(name)))?,
            None => (cx.scope.clone(), None),
        };
        let most = usize::try_from(input.page_size.unwrap_or(PAGE)).unwrap_or_default();
        let after = match &input.next_token {
            Some(token) => {
                Some(parse_import_token(token).ok_or_else(|| errors::validation("Invalid NextToken"))?)
            }
            None => None,
        };

        let mut imports: Vec<Import> = self.store.read(&scope, |tx| {
            let mut rows = tx.range(&IMPORTS, ..);
            if let Some((table, id)) = &after {
                rows = rows.after(&(table.as_str(), id.as_str()));
            }
            let all = rows.map(|row| row.map(|(_, import)| import));
            let is_wanted = |import: &Import| only.as_ref().is_none_or(|name| *name == import.table);
            all.filter(|row| row.as_ref().map_or(true, is_wanted))
                .take(most + 1)
                .collect::<Result<_, Fault>>()
        })?;

        let has_more = imports.len() > most;
        imports.truncate(most);
        let last = imports.last().filter(|_| has_more);
        let next_token = last.map(|import| import_token(&import.table, &import.id));
        let summaries = imports.iter().map(|import| import.summary(&scope));
        Ok(ListImportsOutput { import_summary_list: Some(summaries.collect::<Result<_, _>>()?), next_token })
    }
}

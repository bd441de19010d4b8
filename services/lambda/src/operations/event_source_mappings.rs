//! Operations on event source mappings.

use api_lambda::{
    CreateEventSourceMapping, CreateEventSourceMappingInput, DeleteEventSourceMapping,
    DeleteEventSourceMappingInput, EventSourceMappingConfiguration, GetEventSourceMapping,
    GetEventSourceMappingInput, LambdaError, ListEventSourceMappings, ListEventSourceMappingsInput,
    ListEventSourceMappingsOutput, UpdateEventSourceMapping, UpdateEventSourceMappingInput,
};
use kernel::{Context, Fault, Handler, page};
use protocol::stored::Stored;

use crate::mapping::{self, MAPPINGS, Mapping, POSITIONS, Source, WINDOWS};
use crate::names::FunctionName;
use crate::{Lambda, errors};

/// Mappings of a page.
const PAGE: usize = 100;

impl Handler<CreateEventSourceMapping> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateEventSourceMappingInput,
    ) -> Result<EventSourceMappingConfiguration, LambdaError> {
        if input.self_managed_event_source.is_some() {
            return Err(errors::not_emulated("event source mappings of self-managed sources"));
        }
        let source = Source::of(input.event_source_arn.as_deref())?;
        let function = FunctionName::parse(cx, &input.function_name, None)?;
        let mut new = mapping::new(&source, &input)?;
        let timeout = mapping::function(cx, &function.arn()).await?;
        mapping::exists(cx, &source, timeout).await?;
        let id = cx.ids.uuid();
        new.uuid = Some(id.clone());
        new.event_source_mapping_arn = Some(mapping::arn(&cx.scope, &id));
        new.function_arn = Some(function.arn());
        new.last_modified = Some(cx.clock.now());
        new.state = Some(state(input.enabled != Some(false)));
        let row =
            Mapping { configuration: Stored(new.clone()), tags: input.tags.unwrap_or_default(), revision: 1 };
        self.store
            .write(&cx.scope, |tx| {
                for other in tx.range(&MAPPINGS, ..) {
                    let (id, other) = other?;
                    if other.source() == row.source() && other.function() == row.function() {
                        return Err(errors::mapping_exists(&source, row.source(), &function.name, &id));
                    }
                }
                Ok(tx.put(&MAPPINGS, &id, &row)?)
            })
            .await?;
        self.mappings.wake();
        Ok(EventSourceMappingConfiguration { state: Some("Creating".to_owned()), ..new })
    }
}

fn state(is_enabled: bool) -> String {
    if is_enabled { "Enabled" } else { "Disabled" }.to_owned()
}

impl Handler<GetEventSourceMapping> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetEventSourceMappingInput,
    ) -> Result<EventSourceMappingConfiguration, LambdaError> {
        let mapping = self.store.read(&cx.scope, |tx| Mapping::get(tx, &input.uuid))?;
        Ok(mapping.configuration.0)
    }
}

impl Handler<ListEventSourceMappings> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListEventSourceMappingsInput,
    ) -> Result<ListEventSourceMappingsOutput, LambdaError> {
        let list = "mappings";
        let after = input.marker.as_deref();
        let after =
            after.map(|marker| page::key(list, marker).ok_or_else(|| errors::invalid("Invalid marker.")));
        let after = after.transpose()?;
        let function = input.function_name.as_deref().map(|name| FunctionName::parse(cx, name, None));
        let function = function.transpose()?.map(|name| name.arn());
        let most = input.max_items.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE).clamp(1, PAGE);
        let rows: Vec<_> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&MAPPINGS, ..);
            let rows = match &after {
                Some(after) => rows.after(after),
                None => rows,
            };
            let is_wanted = |mapping: &Mapping| {
                input.event_source_arn.as_deref().is_none_or(|arn| arn == mapping.source())
                    && function.as_deref().is_none_or(|arn| arn == mapping.function())
            };
            rows.filter(|row| row.as_ref().map_or(true, |(_, mapping)| is_wanted(mapping)))
                .take(most + 1)
                .collect::<Result<_, Fault>>()
        })?;
        let page = page::cut(rows, most, list, |(id, _): &(String, Mapping)| id.clone());
        Ok(ListEventSourceMappingsOutput {
            next_marker: page.next,
            event_source_mappings: Some(page.items.into_iter().map(|(_, one)| one.configuration.0).collect()),
        })
    }
}

impl Handler<UpdateEventSourceMapping> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateEventSourceMappingInput,
    ) -> Result<EventSourceMappingConfiguration, LambdaError> {
        let there = self.store.read(&cx.scope, |tx| Mapping::get(tx, &input.uuid))?;
        let source = Source::of(Some(there.source()))?;
        if let Some(name) = &input.function_name {
            mapping::function(cx, &FunctionName::parse(cx, name, None)?.arn()).await?;
        }
        let updated = self
            .store
            .write(&cx.scope, |tx| {
                let mut mapping = Mapping::get(tx, &input.uuid)?;
                update(cx, &mut mapping.configuration.0, &input)?;
                mapping::check(&source, &mapping.configuration.0)?;
                mapping.revision += 1;
                tx.put(&MAPPINGS, &input.uuid, &mapping)?;
                Ok::<_, LambdaError>(mapping.configuration.0)
            })
            .await?;
        self.mappings.wake();
        let passing = match input.enabled {
            Some(is_enabled) if is_enabled != there.is_enabled() => {
                if is_enabled {
                    "Enabling"
                } else {
                    "Disabling"
                }
            }
            _ => "Updating",
        };
        Ok(EventSourceMappingConfiguration { state: Some(passing.to_owned()), ..updated })
    }
}

fn update(
    cx: &Context,
    of: &mut EventSourceMappingConfiguration,
    input: &UpdateEventSourceMappingInput,
) -> Result<(), LambdaError> {
    fn set<T: Clone>(field: &mut Option<T>, given: &Option<T>) {
        if given.is_some() {
            field.clone_from(given);
        }
    }
    if let Some(name) = &input.function_name {
        of.function_arn = Some(FunctionName::parse(cx, name, None)?.arn());
    }
    if let Some(is_enabled) = input.enabled {
        of.state = Some(state(is_enabled));
    }
    set(&mut of.batch_size, &input.batch_size);
    set(&mut of.maximum_batching_window_in_seconds, &input.maximum_batching_window_in_seconds);
    set(&mut of.parallelization_factor, &input.parallelization_factor);
    set(&mut of.destination_config, &input.destination_config);
    set(&mut of.maximum_record_age_in_seconds, &input.maximum_record_age_in_seconds);
    set(&mut of.bisect_batch_on_function_error, &input.bisect_batch_on_function_error);
    set(&mut of.maximum_retry_attempts, &input.maximum_retry_attempts);
    set(&mut of.tumbling_window_in_seconds, &input.tumbling_window_in_seconds);
    set(&mut of.function_response_types, &input.function_response_types);
    set(&mut of.kms_key_arn, &input.kms_key_arn);
    set(&mut of.metrics_config, &input.metrics_config);
    set(&mut of.scaling_config, &input.scaling_config);
    if let Some(criteria) = &input.filter_criteria {
        of.filter_criteria = Some(criteria.clone()).filter(mapping::has_filters);
    }
    of.last_modified = Some(cx.clock.now());
    Ok(())
}

impl Handler<DeleteEventSourceMapping> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteEventSourceMappingInput,
    ) -> Result<EventSourceMappingConfiguration, LambdaError> {
        let deleted = self
            .store
            .write(&cx.scope, |tx| {
                let mapping = Mapping::get(tx, &input.uuid)?;
                let positions: Vec<_> =
                    tx.prefix(&POSITIONS, &(input.uuid.as_str(),)).keys().collect::<Result<_, Fault>>()?;
                for position in &positions {
                    tx.delete(&POSITIONS, position)?;
                    tx.delete(&WINDOWS, position)?;
                }
                tx.delete(&MAPPINGS, &input.uuid)?;
                Ok::<_, LambdaError>(mapping.configuration.0)
            })
            .await?;
        self.mappings.wake();
        Ok(EventSourceMappingConfiguration { state: Some("Deleting".to_owned()), ..deleted })
    }
}

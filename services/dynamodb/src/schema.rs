//! The rules of attribute definitions, key schemas and indexes.

use api_dynamodb::{
    AttributeDefinition, CreateTableInput, DynamodbError, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType,
};

use crate::key::{KeyAttribute, KeySchema, Scalar};
use crate::table::{Filling, Index, Throughput};
use crate::{errors, limits, table, throughput};

/// The attribute definitions of a table, by which its keys are typed.
pub struct Definitions(pub Vec<KeyAttribute>);

impl Definitions {
    /// The definitions as callers give them.
    pub fn new(given: &[AttributeDefinition]) -> Result<Self, DynamodbError> {
        let mut all: Vec<KeyAttribute> = Vec::with_capacity(given.len());
        for definition in given {
            let name = definition.attribute_name.clone();
            if all.iter().any(|other| other.name == name) {
                return Err(errors::invalid(format_args!(
                    "Duplicate AttributeName {name} in AttributeDefinitions"
                )));
            }
            let kind = match definition.attribute_type {
                ScalarAttributeType::N => Scalar::N,
                ScalarAttributeType::B => Scalar::B,
                _ => Scalar::S,
            };
            all.push(KeyAttribute { name, kind });
        }
        Ok(Self(all))
    }

    /// A key schema with the types of its attributes.
    pub fn key(&self, schema: &[KeySchemaElement]) -> Result<KeySchema, DynamodbError> {
        self.check_defined(schema)?;
        let [hash, rest @ ..] = schema else { return Err(errors::invalid("No key schema")) };
        if rest.first().is_some_and(|range| range.attribute_name == hash.attribute_name) {
            let message = "Both the Hash Key and the Range Key element in the KeySchema have the same name";
            return Err(errors::validation(message));
        }
        let check = |element: &KeySchemaElement, kind: KeyType, place: &str| {
            if element.key_type == kind {
                return Ok(());
            }
            let message = format!(
                "Invalid KeySchema: The {place} KeySchemaElement is not a {} key type",
                kind.as_str()
            );
            Err(errors::validation(message))
        };
        check(hash, KeyType::Hash, "first")?;
        rest.first().map_or(Ok(()), |range| check(range, KeyType::Range, "second"))?;
        let typed = |element: &KeySchemaElement| self.get(&element.attribute_name).cloned();
        let hash = typed(hash).ok_or_else(errors::key_mismatch)?;
        Ok(KeySchema { hash, range: rest.first().and_then(typed) })
    }

    fn get(&self, name: &str) -> Option<&KeyAttribute> {
        self.0.iter().find(|definition| definition.name == name)
    }

    fn check_defined(&self, schema: &[KeySchemaElement]) -> Result<(), DynamodbError> {
        if schema.iter().all(|element| self.get(&element.attribute_name).is_some()) {
            return Ok(());
        }
        let keys: Vec<_> = schema.iter().map(|element| element.attribute_name.as_str()).collect();
        let defined: Vec<_> = self.0.iter().map(|definition| definition.name.as_str()).collect();
        Err(errors::invalid(format_args!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: [{}]",
            keys.join(", "),
            defined.join(", ")
        )))
    }

    /// Every definition must be part of some key.
    pub fn check_used(&self, key: &KeySchema, indexes: &[Index]) -> Result<(), DynamodbError> {
        let is_used = |name: &str| key.has(name) || indexes.iter().any(|index| index.key.has(name));
        if self.0.iter().all(|definition| is_used(&definition.name)) {
            return Ok(());
        }
        if indexes.is_empty() {
            return Err(errors::invalid(
                "Number of attributes in KeySchema does not exactly match number of attributes defined in \
                 AttributeDefinitions",
            ));
        }
        let mut used: Vec<_> =
            key.attributes().chain(indexes.iter().flat_map(|index| index.key.attributes())).collect();
        used.sort_by_key(|attribute| &attribute.name);
        used.dedup();
        let names = |attributes: Vec<&KeyAttribute>| {
            attributes.iter().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        Err(errors::invalid(format_args!(
            "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
            names(self.0.iter().collect()),
            names(used)
        )))
    }
}

/// The indexes of a new table, the local ones first.
pub fn indexes(
    input: &CreateTableInput,
    definitions: &Definitions,
    key: &KeySchema,
    is_on_demand: bool,
) -> Result<Vec<Index>, DynamodbError> {
    let mut indexes = Vec::new();
    if let Some(locals) = &input.local_secondary_indexes {
        check_locals(locals, key)?;
        for local in locals {
            let index = local_index(local, definitions, key)?;
            add(&mut indexes, index)?;
        }
    }
    if let Some(globals) = &input.global_secondary_indexes {
        if globals.is_empty() {
            return Err(errors::invalid("List of GlobalSecondaryIndexes is empty"));
        }
        for global in globals {
            let index = global_index(global, definitions, is_on_demand)?;
            add(&mut indexes, index)?;
        }
        check_count(&indexes)?;
    }
    check_projected(&indexes)?;
    Ok(indexes)
}

/// Adds an index, numbered by its place.
fn add(indexes: &mut Vec<Index>, index: Index) -> Result<(), DynamodbError> {
    if indexes.iter().any(|other| other.name == index.name) {
        return Err(errors::invalid(format_args!("Duplicate index name: {}", index.name)));
    }
    let id = u16::try_from(indexes.len() + 1).unwrap_or(u16::MAX);
    indexes.push(Index { id, ..index });
    Ok(())
}

fn check_locals(locals: &[LocalSecondaryIndex], key: &KeySchema) -> Result<(), DynamodbError> {
    if locals.is_empty() {
        return Err(errors::invalid("List of LocalSecondaryIndexes is empty"));
    }
    if key.range.is_none() {
        return Err(errors::invalid(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    if locals.len() > limits::LOCAL_INDEXES {
        return Err(errors::invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5"));
    }
    Ok(())
}

/// No table has more global indexes than AWS allows.
pub fn check_count(indexes: &[Index]) -> Result<(), DynamodbError> {
    if indexes.iter().filter(|index| index.is_global).count() > limits::GLOBAL_INDEXES {
        return Err(errors::invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20"));
    }
    Ok(())
}

/// All indexes together name no more attributes than AWS allows.
pub fn check_projected(indexes: &[Index]) -> Result<(), DynamodbError> {
    if indexes.iter().map(|index| index.included.len()).sum::<usize>() > limits::PROJECTED_ATTRIBUTES {
        return Err(errors::invalid(
            "Number of NonKeyAttributes in all indexes exceeds the per-table limit of 100",
        ));
    }
    Ok(())
}

fn local_index(
    given: &LocalSecondaryIndex,
    definitions: &Definitions,
    table: &KeySchema,
) -> Result<Index, DynamodbError> {
    let name = &given.index_name;
    let key = definitions.key(&given.key_schema)?;
    if key.range.is_none() {
        return Err(errors::invalid(format_args!(
            "Index KeySchema does not have a range key for index: {name}"
        )));
    }
    if key.hash != table.hash {
        return Err(errors::invalid(format_args!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. index hash \
             key: {}, table hash key: {}",
            key.hash.name, table.hash.name
        )));
    }
    let (projection, included) = projection(&given.projection)?;
    Ok(Index {
        id: 0,
        name: name.clone(),
        is_global: false,
        key,
        projection,
        included,
        throughput: Throughput::default(),
        most: None,
        warm: None,
        filling: Filling::Done,
    })
}

/// A global index as callers define it.
pub fn global_index(
    given: &GlobalSecondaryIndex,
    definitions: &Definitions,
    is_on_demand: bool,
) -> Result<Index, DynamodbError> {
    let key = definitions.key(&given.key_schema)?;
    let (projection, included) = projection(&given.projection)?;
    throughput::check_index(is_on_demand, &given.index_name, given.provisioned_throughput.as_ref())?;
    Ok(Index {
        id: 0,
        name: given.index_name.clone(),
        is_global: true,
        key,
        projection,
        included,
        throughput: given.provisioned_throughput.as_ref().map(Throughput::from).unwrap_or_default(),
        most: table::most(given.on_demand_throughput.as_ref()),
        warm: table::warm(given.warm_throughput.as_ref()),
        filling: Filling::Done,
    })
}

fn projection(given: &Projection) -> Result<(ProjectionType, Vec<String>), DynamodbError> {
    let Some(kind) = given.projection_type.clone() else {
        return Err(errors::invalid("Unknown ProjectionType: null"));
    };
    match (&kind, &given.non_key_attributes) {
        (ProjectionType::Include, None) => {
            Err(errors::invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
        }
        (ProjectionType::Include, Some(names)) => Ok((kind, names.clone())),
        (_, Some(_)) => Err(errors::invalid(format_args!(
            "ProjectionType is {}, but NonKeyAttributes is specified",
            kind.as_str()
        ))),
        (_, None) => Ok((kind, Vec::new())),
    }
}

//! `PublishLayerVersion`, `GetLayerVersion`, `GetLayerVersionByArn`, `DeleteLayerVersion` and the lists of layers.

use api_lambda::{
    DeleteLayerVersion, DeleteLayerVersionInput, DeleteLayerVersionOutput, GetLayerVersion,
    GetLayerVersionByArn, GetLayerVersionByArnInput, GetLayerVersionInput, GetLayerVersionResponse,
    LambdaError, LayersListItem, ListLayerVersions, ListLayerVersionsInput, ListLayerVersionsOutput,
    ListLayers, ListLayersInput, ListLayersOutput, PublishLayerVersion, PublishLayerVersionInput,
    PublishLayerVersionOutput,
};
use kernel::{Context, Fault, Handler};
use store::ReadTx;

use crate::code::{Package, Source};
use crate::layer::{LAYER_VERSIONS, LAYERS, LayerName, LayerVersion, number};
use crate::{Lambda, errors, paging};

const LIST: &str = "lambda.layers";
const VERSIONS: &str = "lambda.layer_versions";

impl Handler<PublishLayerVersion> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: PublishLayerVersionInput,
    ) -> Result<PublishLayerVersionOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let content = input.content;
        let source = Source {
            zip: content.zip_file,
            bucket: content.s3_bucket,
            key: content.s3_key,
            version: content.s3_object_version,
            image: None,
        };
        let code = self.take_code(cx, Package::Zip, source).await?;
        let Some(blob) = code.blob.clone() else {
            return Err(errors::not_emulated("layers that run from a folder"));
        };
        let layer = LayerVersion {
            blob,
            sha256: code.sha256.clone(),
            size: code.size,
            description: input.description.unwrap_or_default(),
            created: cx.clock.now(),
            architectures: input.compatible_architectures,
            runtimes: input.compatible_runtimes,
            license: input.license_info,
            policy: Vec::new(),
            revision: cx.ids.uuid(),
            is_deleted: false,
        };

        let number = self
            .store
            .write(&name.scope, |tx| {
                // Numbers are never given out again, not even those of deleted versions.
                let number = tx.get(&LAYERS, &name.name)?.unwrap_or_default() + 1;
                tx.keep_blob(&layer.blob)?;
                tx.put(&LAYERS, &name.name, &number)?;
                tx.put(&LAYER_VERSIONS, &(name.name.as_str(), number), &layer)?;
                Ok::<_, LambdaError>(number)
            })
            .await?;

        let described = layer.describe(cx, &name, number);
        Ok(PublishLayerVersionOutput {
            content: described.content,
            layer_arn: described.layer_arn,
            layer_version_arn: described.layer_version_arn,
            description: described.description,
            created_date: described.created_date,
            version: described.version,
            compatible_architectures: described.compatible_architectures,
            compatible_runtimes: described.compatible_runtimes,
            license_info: described.license_info,
        })
    }
}

impl Handler<GetLayerVersion> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetLayerVersionInput,
    ) -> Result<GetLayerVersionResponse, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let number = number(input.version_number)?;

        let layer = self.store.read(&name.scope, |tx| LayerVersion::find(tx, &name, number))?;
        let layer = layer.ok_or_else(errors::no_such_resource)?;

        Ok(layer.describe(cx, &name, number))
    }
}

impl Handler<GetLayerVersionByArn> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: GetLayerVersionByArnInput,
    ) -> Result<GetLayerVersionResponse, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.arn);
        let number = name.version.unwrap_or_default();

        let layer = self.store.read(&name.scope, |tx| LayerVersion::find(tx, &name, number))?;
        let layer = layer.ok_or_else(errors::no_such_resource)?;

        Ok(layer.describe(cx, &name, number))
    }
}

impl Handler<DeleteLayerVersion> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteLayerVersionInput,
    ) -> Result<DeleteLayerVersionOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let number = number(input.version_number)?;

        // A version that is not there is deleted too. Functions that have it keep it, and so its archive stays.
        self.store
            .write(&name.scope, |tx| {
                let Some(layer) = LayerVersion::find(tx, &name, number)? else { return Ok(()) };
                let layer = LayerVersion { is_deleted: true, ..layer };
                Ok::<_, LambdaError>(tx.put(&LAYER_VERSIONS, &(name.name.as_str(), number), &layer)?)
            })
            .await?;

        Ok(DeleteLayerVersionOutput {})
    }
}

/// The versions that are there, the newest first.
fn versions(tx: &ReadTx<'_>, layer: &str) -> Result<Vec<(u64, LayerVersion)>, Fault> {
    let rows =
        tx.prefix(&LAYER_VERSIONS, &(layer,)).map(|row| row.map(|((_, number), layer)| (number, layer)));
    let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
    rows.retain(|(_, layer): &(u64, LayerVersion)| !layer.is_deleted);
    rows.reverse();
    Ok(rows)
}

impl Handler<ListLayerVersions> for Lambda {
    async fn handle(
        &self,
        cx: &Context,
        input: ListLayerVersionsInput,
    ) -> Result<ListLayerVersionsOutput, LambdaError> {
        let name = LayerName::parse(&cx.scope, &input.layer_name);
        let (runtime, architecture) = (input.compatible_runtime, input.compatible_architecture);

        let mut rows = self.store.read(&name.scope, |tx| versions(tx, &name.name))?;
        rows.retain(|(_, layer)| layer.suits(runtime.as_ref(), architecture.as_ref()));
        let key = |(number, _): &(u64, LayerVersion)| number.to_string();
        let page =
            paging::cut(rows.into_iter().map(Ok), VERSIONS, input.marker.as_deref(), input.max_items, key)?;

        let items = page.items.iter().map(|(number, layer)| layer.list(&name, *number)).collect();
        Ok(ListLayerVersionsOutput { layer_versions: Some(items), next_marker: page.next })
    }
}

impl Handler<ListLayers> for Lambda {
    async fn handle(&self, cx: &Context, input: ListLayersInput) -> Result<ListLayersOutput, LambdaError> {
        let (runtime, architecture) = (input.compatible_runtime, input.compatible_architecture);

        let rows = self.store.read(&cx.scope, |tx| {
            let mut rows = Vec::new();
            for layer in tx.range(&LAYERS, ..).keys() {
                let layer = layer?;
                let newest = versions(tx, &layer)?
                    .into_iter()
                    .find(|(_, version)| version.suits(runtime.as_ref(), architecture.as_ref()));
                rows.extend(newest.map(|(number, version)| (layer, number, version)));
            }
            Ok::<_, Fault>(rows)
        })?;
        let key = |(layer, ..): &(String, u64, LayerVersion)| layer.clone();
        let page =
            paging::cut(rows.into_iter().map(Ok), LIST, input.marker.as_deref(), input.max_items, key)?;

        let describe = |(layer, number, version): (String, u64, LayerVersion)| {
            let name = LayerName::parse(&cx.scope, &layer);
            LayersListItem {
                layer_arn: Some(name.arn()),
                latest_matching_version: Some(version.list(&name, number)),
                layer_name: Some(layer),
            }
        };
        let layers = page.items.into_iter().map(describe).collect();
        Ok(ListLayersOutput { layers: Some(layers), next_marker: page.next })
    }
}

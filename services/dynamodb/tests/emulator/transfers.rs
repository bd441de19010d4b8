//! Exports to S3 and imports from there, with the S3 and the logs of this emulator.

use std::io::Read;
use std::time::Duration;

use api_logs::{GetLogEvents, GetLogEventsInput};
use api_s3::{CreateBucket, CreateBucketInput, GetObject, GetObjectInput, PutObject, PutObjectInput};
use flate2::read::GzDecoder;
use kernel::stream::ByteStream;

use super::*;

const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/things";

async fn emulator() -> Emulator {
    let emulator = Emulator::with(Options::default(), |store| {
        vec![service_s3::service(store, Vec::new()), service_logs::service(store)]
    });
    emulator.cx.clock.advance(Duration::from_secs(1_800_000_000));
    let bucket = CreateBucketInput { bucket: "bucket".into(), ..Default::default() };
    emulator.call::<CreateBucket>(bucket).await.unwrap();
    emulator
}

async fn with_recovery() -> Emulator {
    let emulator = emulator().await;
    emulator.call::<CreateTable>(table()).await.unwrap();
    let update = UpdateContinuousBackupsInput {
        table_name: "things".into(),
        point_in_time_recovery_specification: PointInTimeRecoverySpecification {
            point_in_time_recovery_enabled: true,
            recovery_period_in_days: None,
        },
    };
    emulator.call::<UpdateContinuousBackups>(update).await.unwrap();
    emulator
}

/// An item with every type.
fn whole() -> Attributes {
    map([
        ("pk", s("a")),
        ("sk", n(1)),
        ("exact", n("-1.2345678901234567890123456789012345678E-20")),
        ("large", n("1E+30")),
        ("text", s("a \"quoted\" line\nand ünicode")),
        ("bytes", AttributeValue::B(vec![0, 255].into())),
        ("strings", AttributeValue::Ss(vec!["a".into(), "b".into()])),
        ("numbers", AttributeValue::Ns(vec!["1".into(), "2.5".into()])),
        ("binaries", AttributeValue::Bs(vec![vec![1].into()])),
        ("list", AttributeValue::L(vec![s("x"), AttributeValue::Null(true)])),
        ("map", AttributeValue::M(map([("yes", AttributeValue::Bool(true))]))),
    ])
}

fn export(format: ExportFormat) -> ExportTableToPointInTimeInput {
    ExportTableToPointInTimeInput {
        table_arn: ARN.into(),
        s3_bucket: "bucket".into(),
        s3_prefix: Some("out".into()),
        export_format: Some(format),
        ..Default::default()
    }
}

async fn exported(emulator: &Emulator, input: ExportTableToPointInTimeInput) -> ExportDescription {
    let asked = emulator.call::<ExportTableToPointInTime>(input).await.unwrap().export_description.unwrap();
    assert_eq!(asked.export_status, Some(ExportStatus::InProgress));
    emulator.pass(Duration::ZERO).await;
    let input = DescribeExportInput { export_arn: asked.export_arn.unwrap() };
    emulator.call::<DescribeExport>(input).await.unwrap().export_description.unwrap()
}

async fn object(emulator: &Emulator, key: &str) -> Vec<u8> {
    let input = GetObjectInput { bucket: "bucket".into(), key: key.into(), ..Default::default() };
    let object = emulator.call::<GetObject>(input).await.unwrap();
    object.body.collect(usize::MAX).await.unwrap().to_vec()
}

/// What a data file has, which the manifest of an export names.
async fn data(emulator: &Emulator, done: &ExportDescription) -> (String, String) {
    let summary = object(emulator, done.export_manifest.as_ref().unwrap()).await;
    let summary: serde_json::Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["itemCount"], done.item_count.unwrap());
    let files = object(emulator, summary["manifestFilesS3Key"].as_str().unwrap()).await;
    let file: serde_json::Value = serde_json::from_slice(&files).unwrap();
    let key = file["dataFileS3Key"].as_str().unwrap().to_owned();
    let packed = object(emulator, &key).await;
    let mut text = String::new();
    GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    (key, text)
}

fn import(format: InputFormat, prefix: &str, table: &str) -> ImportTableInput {
    ImportTableInput {
        s3_bucket_source: S3BucketSource {
            s3_bucket: "bucket".into(),
            s3_key_prefix: Some(prefix.into()),
            s3_bucket_owner: None,
        },
        input_format: format,
        table_creation_parameters: TableCreationParameters {
            table_name: table.into(),
            attribute_definitions: vec![definition("pk", "S"), definition("sk", "N")],
            key_schema: key(&["pk", "sk"]),
            billing_mode: Some(BillingMode::PayPerRequest),
            ..Default::default()
        },
        ..Default::default()
    }
}

async fn imported(emulator: &Emulator, input: ImportTableInput) -> ImportTableDescription {
    let asked = emulator.call::<ImportTable>(input).await.unwrap().import_table_description;
    assert_eq!(asked.import_status, Some(ImportStatus::InProgress));
    emulator.pass(Duration::ZERO).await;
    let input = DescribeImportInput { import_arn: asked.import_arn.unwrap() };
    emulator.call::<DescribeImport>(input).await.unwrap().import_table_description
}

async fn items(emulator: &Emulator, table: &str) -> Vec<Attributes> {
    let input = ScanInput { table_name: table.into(), ..Default::default() };
    emulator.call::<Scan>(input).await.unwrap().items.unwrap()
}

async fn put_object(emulator: &Emulator, key: &str, text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    let input = PutObjectInput {
        bucket: "bucket".into(),
        key: key.into(),
        content_length: i64::try_from(text.len()).ok(),
        body: ByteStream::from_bytes(text.to_vec().into()),
        ..Default::default()
    };
    emulator.call::<PutObject>(input).await.unwrap();
}

#[tokio::test]
async fn what_is_exported_can_be_imported_again() {
    let emulator = with_recovery().await;
    emulator.put(whole()).await;
    for (format, input, name) in [
        (ExportFormat::DynamodbJson, InputFormat::DynamodbJson, "from-json"),
        (ExportFormat::Ion, InputFormat::Ion, "from-ion"),
    ] {
        let done = exported(&emulator, export(format)).await;
        assert_eq!(done.export_status, Some(ExportStatus::Completed), "{:?}", done.failure_message);
        assert_eq!(done.item_count, Some(1));
        let (key, text) = data(&emulator, &done).await;
        assert!(key.starts_with("out/AWSDynamoDB/") && key.ends_with(".gz"), "{key}");
        assert_eq!(text.lines().count(), 1);
        let folder = key.rsplit_once('/').unwrap().0;
        let request = ImportTableInput {
            input_compression_type: Some(InputCompressionType::Gzip),
            ..import(input, folder, name)
        };
        let done = imported(&emulator, request).await;
        assert_eq!(done.import_status, Some(ImportStatus::Completed), "{:?}", done.failure_message);
        assert_eq!((done.imported_item_count, done.error_count), (Some(1), Some(0)));
        assert_eq!(items(&emulator, name).await, [whole_as_kept()]);
    }
}

/// Numbers come back as AWS writes them.
fn whole_as_kept() -> Attributes {
    let mut item = whole();
    item.insert("exact".into(), n("-0.000000000000000000012345678901234567890123456789012345678"));
    item.insert("large".into(), n("1000000000000000000000000000000"));
    item
}

#[tokio::test]
async fn objects_are_encrypted_as_the_caller_wants() {
    let emulator = with_recovery().await;
    let key = "arn:aws:kms:us-east-1:000000000000:key/1234";
    let input = ExportTableToPointInTimeInput {
        s3_sse_algorithm: Some(S3SseAlgorithm::Kms),
        s3_sse_kms_key_id: Some(key.into()),
        ..export(ExportFormat::DynamodbJson)
    };
    let done = exported(&emulator, input).await;
    assert_eq!(done.export_status, Some(ExportStatus::Completed), "{:?}", done.failure_message);
    let manifest = done.export_manifest.unwrap();
    let input = GetObjectInput { bucket: "bucket".into(), key: manifest, ..Default::default() };
    let object = emulator.call::<GetObject>(input).await.unwrap();
    assert_eq!(object.ssekms_key_id.as_deref(), Some(key));
    // A table without items has a file without lines.
    assert_eq!(done.item_count, Some(0));
}

/// The lines are as AWS's documentation shows them.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>
#[tokio::test]
async fn lines_are_as_documented() {
    let emulator = with_recovery().await;
    let authors = AttributeValue::Ss(vec!["Author1".into(), "Author2".into()]);
    emulator.put(map([("pk", s("Book")), ("sk", n(103)), ("Authors", authors)])).await;
    let done = exported(&emulator, export(ExportFormat::DynamodbJson)).await;
    let (_, text) = data(&emulator, &done).await;
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(line["Item"]["Authors"]["SS"][1], "Author2");
    let done = exported(&emulator, export(ExportFormat::Ion)).await;
    let (_, text) = data(&emulator, &done).await;
    let expected =
        "$ion_1_0 {Item: {pk: \"Book\", sk: 103., Authors: $dynamodb_SS::[\"Author1\", \"Author2\"]}}";
    // Ion lets a comma follow the last of a list.
    let bare = |text: &str| text.replace(' ', "").replace(",]", "]").replace(",}", "}").trim().to_owned();
    assert_eq!(bare(&text), bare(expected));
}

#[tokio::test]
async fn an_incremental_export_has_what_changed() {
    let emulator = with_recovery().await;
    let item = |sort: i64, v: &str| map([("pk", s("a")), ("sk", n(sort)), ("v", s(v))]);
    let delete = async |sort: i64| {
        let key = map([("pk", s("a")), ("sk", n(sort))]);
        let input = DeleteItemInput { table_name: "things".into(), key, ..Default::default() };
        emulator.call::<DeleteItem>(input).await.unwrap();
    };
    emulator.put(item(1, "same")).await;
    emulator.put(item(2, "old")).await;
    emulator.put(item(3, "goes")).await;
    emulator.cx.clock.advance(Duration::from_mins(1));
    let from = emulator.cx.clock.now();
    emulator.cx.clock.advance(Duration::from_mins(1));
    emulator.put(item(2, "between")).await;
    emulator.put(item(2, "new")).await;
    delete(3).await;
    emulator.put(item(4, "comes")).await;
    emulator.put(item(5, "comes and goes")).await;
    delete(5).await;
    emulator.cx.clock.advance(Duration::from_mins(20));
    let to = emulator.cx.clock.now();
    emulator.cx.clock.advance(Duration::from_mins(1));
    emulator.put(item(4, "later")).await;
    let time = IncrementalExportSpecification {
        export_from_time: Some(from),
        export_to_time: Some(to),
        export_view_type: None,
    };
    let input = |time: IncrementalExportSpecification| ExportTableToPointInTimeInput {
        export_type: Some(ExportType::IncrementalExport),
        incremental_export_specification: Some(time),
        ..export(ExportFormat::DynamodbJson)
    };
    let done = exported(&emulator, input(time.clone())).await;
    let (_, text) = data(&emulator, &done).await;
    let mut changes: Vec<(String, String, String)> = text
        .lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["Metadata"]["WriteTimestampMicros"]["N"].is_string());
            let image = |name: &str| line[name]["v"]["S"].as_str().unwrap_or("-").to_owned();
            (line["Keys"]["sk"]["N"].as_str().unwrap().to_owned(), image("OldImage"), image("NewImage"))
        })
        .collect();
    changes.sort();
    let expected = [("2", "old", "new"), ("3", "goes", "-"), ("4", "-", "comes")];
    assert_eq!(changes, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    let short = IncrementalExportSpecification { export_from_time: Some(to), export_to_time: None, ..time };
    let short = refusal(emulator.call::<ExportTableToPointInTime>(input(short)).await);
    assert!(short.starts_with("ValidationException"), "{short}");
}

#[tokio::test]
async fn exports_need_recovery_and_a_bucket() {
    let emulator = emulator().await;
    let call = async |input| refusal(emulator.call::<ExportTableToPointInTime>(input).await);
    let json = || export(ExportFormat::DynamodbJson);
    assert_eq!(call(json()).await, "TableNotFoundException: Table not found: things");
    emulator.call::<CreateTable>(table()).await.unwrap();
    assert!(call(json()).await.starts_with("PointInTimeRecoveryUnavailableException"));
    let emulator = with_recovery().await;
    let nowhere = ExportTableToPointInTimeInput { s3_bucket: "nowhere".into(), ..json() };
    let failed = exported(&emulator, nowhere).await;
    assert_eq!(failed.export_status, Some(ExportStatus::Failed));
    assert_eq!(failed.failure_code.as_deref(), Some("S3NoSuchBucket"));
    let early = ExportTableToPointInTimeInput { export_time: Some(Timestamp::UNIX_EPOCH), ..json() };
    let early = refusal(emulator.call::<ExportTableToPointInTime>(early).await);
    assert!(early.starts_with("InvalidExportTimeException"), "{early}");
    // A token stands for the export it was first used for.
    let with_token = |prefix: &str| ExportTableToPointInTimeInput {
        client_token: Some("t".into()),
        s3_prefix: Some(prefix.into()),
        ..json()
    };
    let first = emulator.call::<ExportTableToPointInTime>(with_token("a")).await.unwrap();
    let again = emulator.call::<ExportTableToPointInTime>(with_token("a")).await.unwrap();
    assert_eq!(first, again);
    let other = refusal(emulator.call::<ExportTableToPointInTime>(with_token("b")).await);
    assert!(other.starts_with("ExportConflictException"), "{other}");
    let page = ListExportsInput { max_results: Some(1), ..Default::default() };
    let page = emulator.call::<ListExports>(page).await.unwrap();
    let rest = ListExportsInput { next_token: page.next_token, ..Default::default() };
    assert_eq!(emulator.call::<ListExports>(rest).await.unwrap().export_summaries.unwrap().len(), 1);
}

#[tokio::test]
async fn csv_has_types_for_keys_alone() {
    let emulator = emulator().await;
    put_object(&emulator, "csv/one.csv", "pk,sk,text\na,1,\"x, y\"\na,two,bad\nb,3,7\n").await;
    let done = imported(&emulator, import(InputFormat::Csv, "csv/", "things")).await;
    assert_eq!(done.import_status, Some(ImportStatus::Completed));
    assert_eq!(
        (done.processed_item_count, done.imported_item_count, done.error_count),
        (Some(3), Some(2), Some(1))
    );
    let mut found = items(&emulator, "things").await;
    found.sort_by_key(|item| format!("{item:?}"));
    assert!(found.contains(&map([("pk", s("a")), ("sk", n(1)), ("text", s("x, y"))])));
    assert!(found.contains(&map([("pk", s("b")), ("sk", n(3)), ("text", s("7"))])));
    let id = done.import_arn.unwrap().rsplit_once('/').unwrap().1.to_owned();
    let logs = GetLogEventsInput {
        log_group_name: Some("/aws-dynamodb/imports".into()),
        log_stream_name: id,
        ..Default::default()
    };
    assert_eq!(emulator.call::<GetLogEvents>(logs).await.unwrap().events.unwrap().len(), 1);
    put_object(&emulator, "bare/one.csv", "a;1\n").await;
    let options =
        CsvOptions { delimiter: Some(";".into()), header_list: Some(vec!["pk".into(), "sk".into()]) };
    let bare = ImportTableInput {
        input_format_options: Some(InputFormatOptions { csv: Some(options) }),
        ..import(InputFormat::Csv, "bare/", "bare")
    };
    imported(&emulator, bare).await;
    assert_eq!(items(&emulator, "bare").await, [map([("pk", s("a")), ("sk", n(1))])]);
}

#[tokio::test]
async fn imports_make_tables_that_are_not_there() {
    let emulator = emulator().await;
    put_object(
        &emulator,
        "in/one.json",
        "{\"Item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}}\n{\"Item\":{}}\nno\n",
    )
    .await;
    let done = imported(&emulator, import(InputFormat::DynamodbJson, "in/", "things")).await;
    assert_eq!((done.imported_item_count, done.error_count), (Some(1), Some(2)));
    let shown = DescribeTableInput { table_name: "things".into() };
    let shown = emulator.call::<DescribeTable>(shown).await.unwrap().table.unwrap();
    assert_eq!((shown.table_status, shown.item_count), (Some(TableStatus::Active), Some(1)));
    let again = emulator.call::<ImportTable>(import(InputFormat::DynamodbJson, "in/", "things")).await;
    assert_eq!(refusal(again), "ResourceInUseException: Table already exists: things");
    let mut nowhere = import(InputFormat::DynamodbJson, "in/", "other");
    nowhere.s3_bucket_source.s3_bucket = "nowhere".into();
    let failed = imported(&emulator, nowhere).await;
    assert_eq!(failed.import_status, Some(ImportStatus::Failed));
    assert_eq!(failed.failure_code.as_deref(), Some("S3NoSuchBucket"));
    let list = ListImportsInput { page_size: Some(1), ..Default::default() };
    let page = emulator.call::<ListImports>(list).await.unwrap();
    let rest = ListImportsInput { next_token: page.next_token, ..Default::default() };
    let rest = emulator.call::<ListImports>(rest).await.unwrap();
    assert_eq!(rest.import_summary_list.unwrap().len(), 1);
}

#[tokio::test]
async fn packed_objects_are_unpacked() {
    let emulator = emulator().await;
    let line = "{\"Item\":{\"pk\":{\"S\":\"a\"},\"sk\":{\"N\":\"1\"}}}\n";
    let packed =
        ruzstd::encoding::compress_to_vec(line.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    put_object(&emulator, "packed/one", &packed).await;
    let request = |compression: InputCompressionType, table: &str| ImportTableInput {
        input_compression_type: Some(compression),
        ..import(InputFormat::DynamodbJson, "packed/", table)
    };
    let done = imported(&emulator, request(InputCompressionType::Zstd, "things")).await;
    assert_eq!((done.imported_item_count, done.error_count), (Some(1), Some(0)));
    assert_eq!(done.processed_size_bytes, i64::try_from(line.len()).ok());
    // What is packed otherwise cannot be read, and the import ends without it.
    let done = imported(&emulator, request(InputCompressionType::Gzip, "others")).await;
    assert_eq!((done.imported_item_count, done.error_count), (Some(0), Some(1)));
}

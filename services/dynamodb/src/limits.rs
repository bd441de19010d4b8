//! The numbers AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>

/// Characters of a table's or index's name.
pub const NAME: (usize, usize) = (3, 255);

/// Local secondary indexes of a table.
pub const LOCAL_INDEXES: usize = 5;

/// Global secondary indexes of a table.
pub const GLOBAL_INDEXES: usize = 20;

/// Attributes that all indexes of a table together may name in projections.
pub const PROJECTED_ATTRIBUTES: usize = 100;

/// The most units of throughput that AWS takes as a number.
pub const UNITS: i64 = 1_000_000_000_000;

/// Bytes of a partition key.
pub const PARTITION_KEY: usize = 2048;

/// Bytes of a sort key.
pub const SORT_KEY: usize = 1024;

/// Bytes of an item: 400 KB.
pub const ITEM: usize = 400 * 1024;

/// Levels of nesting in an attribute, the innermost value included.
pub const NESTING: usize = 32;

/// Significant digits of a number.
pub const DIGITS: usize = 38;

/// The power of ten of a number's first digit.
pub const MAGNITUDE: (i32, i32) = (-130, 125);

/// Bytes of an expression.
pub const EXPRESSION: usize = 4096;

/// Operators and functions of an expression.
pub const OPERATORS: usize = 300;

/// How deep parts of an expression may lie in each other. AWS names no such number, but refuses parentheses that are not
/// needed and more operators than 300.
pub const DEPTH: usize = 64;

/// Values to choose from with `IN`.
pub const CHOICES: usize = 100;

/// Bytes that one page of a query or scan reads: 1 MB.
pub const PAGE: usize = 1024 * 1024;

/// Items of one `BatchGetItem`.
pub const BATCH_GET: usize = 100;

/// Items of one `BatchWriteItem`.
pub const BATCH_WRITE: usize = 25;

/// Bytes of one batch: 16 MB.
pub const BATCH: usize = 16 * 1024 * 1024;

/// Bytes of the items of one transaction: 4 MB.
pub const TRANSACTION: usize = 4 * 1024 * 1024;

/// Seconds for which a transaction's token is kept.
pub const TOKEN_SECONDS: u64 = 600;

/// Tables of one page of `ListTables`.
pub const TABLES: i32 = 100;

/// Tags of a table.
pub const TAGS: usize = 50;

/// Partition keys that one statement of PartiQL may ask for.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-operators.html>
pub const PARTIQL_PARTITIONS: usize = 50;

/// Partition keys of which one page of such a statement is made; the same source.
pub const PARTIQL_PAGE: usize = 10;

/// Units of reads or of writes that all tables of an account may have, as a new account's `DescribeLimits` tells them.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
pub const ACCOUNT_UNITS: i64 = 80_000;

/// Units of reads or of writes that one table may have; the same source.
pub const TABLE_UNITS: i64 = 40_000;

/// Minutes for which a client may keep an endpoint.
pub const ENDPOINT_MINUTES: i64 = 1440;

/// Bytes of a resource policy, spaces included.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>
pub const POLICY: usize = 20 * 1024;

/// Imports that may run at once.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html>
pub const IMPORTS: usize = 50;

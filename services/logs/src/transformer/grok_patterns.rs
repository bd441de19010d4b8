//! The patterns that AWS's `grok` has: name, how often one expression may have it, and what it stands for.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Configurable.html>

/// Patterns that take anything; an expression may have five of them all together.
pub const FREE: [&str; 7] =
    ["URI", "URIPARAM", "URIPATHPARAM", "SPACE", "DATA", "GREEDYDATA", "GREEDYDATA_MULTILINE"];

/// Whole formats. AWS's examples leave out what is `-`, and name neither an identity nor the id of a process: the first is
/// left out here, the second is called `proc_id`.
pub const COMMON: [&str; 3] = ["APACHE_ACCESS_LOG", "NGINX_ACCESS_LOG", "SYSLOG5424"];

/// All patterns; those that may be had no times are parts of others.
pub const PATTERNS: &[(&str, usize, &str)] = &[
    ("USERNAME", 20, r#"[a-zA-Z0-9._-]+"#),
    ("USER", 20, r#"[a-zA-Z0-9._-]+"#),
    ("INT", 20, r#"[+-]?\d+"#),
    ("BASE10NUM", 20, r#"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"#),
    ("NUMBER", 20, r#"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"#),
    ("BASE16NUM", 20, r#"[+-]?(?:0x)?[0-9A-Fa-f]+"#),
    ("POSINT", 20, r#"\b[1-9]\d*\b"#),
    ("NONNEGINT", 20, r#"\b\d+\b"#),
    ("WORD", 20, r#"\b\w+\b"#),
    ("NOTSPACE", 5, r#"\S+"#),
    ("SPACE", 5, r#"\s*"#),
    ("DATA", 5, r#".*?"#),
    ("GREEDYDATA", 5, r#".*"#),
    ("GREEDYDATA_MULTILINE", 1, r#"(?s:.*)"#),
    ("QUOTEDSTRING", 20, r#""(?:\\.|[^\\"])*"|'(?:\\.|[^\\'])*\'"#),
    ("UUID", 20, r#"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"#),
    ("URN", 20, r#"urn:[0-9A-Za-z][0-9A-Za-z-]{0,31}:[0-9A-Za-z()+,.:=@;$_!*'/?#%-]+"#),
    (
        "ARN",
        5,
        r#"arn:(?:aws-cn|aws-us-gov|aws):[0-9A-Za-z-]+:[0-9A-Za-z-]+:\d{12}:[^\s/]+(?:/[^\s/]+){0,4}"#,
    ),
    ("CISCOMAC", 20, r#"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}"#),
    ("WINDOWSMAC", 20, r#"(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}"#),
    ("COMMONMAC", 20, r#"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"#),
    ("MAC", 20, r#"%{CISCOMAC}|%{WINDOWSMAC}|%{COMMONMAC}"#),
    (
        "IPV6",
        5,
        r#"(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){6}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|::(?:[Ff]{4}(?::0{1,4})?:)?(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|(?:[0-9A-Fa-f]{1,4}:){1,4}:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,1}|(?:[0-9A-Fa-f]{1,4}:){1,5}(?::[0-9A-Fa-f]{1,4}){1,2}|(?:[0-9A-Fa-f]{1,4}:){1,4}(?::[0-9A-Fa-f]{1,4}){1,3}|(?:[0-9A-Fa-f]{1,4}:){1,3}(?::[0-9A-Fa-f]{1,4}){1,4}|(?:[0-9A-Fa-f]{1,4}:){1,2}(?::[0-9A-Fa-f]{1,4}){1,5}|[0-9A-Fa-f]{1,4}:(?::[0-9A-Fa-f]{1,4}){1,6}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|:(?:(?::[0-9A-Fa-f]{1,4}){1,7}|:))"#,
    ),
    ("IPV4", 20, r#"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}"#),
    ("IP", 5, r#"%{IPV6}|%{IPV4}"#),
    ("HOSTNAME", 5, r#"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?"#),
    ("HOST", 5, r#"%{HOSTNAME}"#),
    ("IPORHOST", 5, r#"%{IP}|%{HOSTNAME}"#),
    ("HOSTPORT", 5, r#"%{IPORHOST}:%{POSINT:PORT}"#),
    ("URIHOST", 5, r#"%{IPORHOST}(?::%{POSINT:port})?"#),
    ("UNIXPATH", 20, r#"(?:/[\w%!$@:.,~?&=+*;-]*)+"#),
    ("WINPATH", 5, r#"(?:[A-Za-z]+:|\\)(?:\\[^\\?*]*)+"#),
    ("PATH", 5, r#"%{UNIXPATH}|%{WINPATH}"#),
    ("TTY", 20, r#"/dev/(?:pts|tty[pq]?)\w*/?\d+"#),
    ("URIPROTO", 20, r#"[A-Za-z]+(?:\+[A-Za-z+]+)?"#),
    ("URIPATH", 20, r#"(?:/[0-9A-Za-z$.+!*'(){},~:;=@#%_-]*)+"#),
    ("URIPARAM", 5, r#"\?[0-9A-Za-z$.+!*'|(){},~@#%&/=:;_?\[\]-]*"#),
    ("URIPATHPARAM", 5, r#"%{URIPATH}%{URIPARAM}?"#),
    ("URI", 5, r#"%{URIPROTO}://(?:%{USER}(?::[^@]*)?@)?%{URIHOST}?%{URIPATHPARAM}?"#),
    (
        "MONTH",
        20,
        r#"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b"#,
    ),
    ("MONTHNUM", 20, r#"1[0-2]|0?[1-9]"#),
    ("MONTHNUM2", 20, r#"0[1-9]|1[0-2]"#),
    ("MONTHDAY", 20, r#"0[1-9]|[12]\d|3[01]|[1-9]"#),
    ("YEAR", 20, r#"\d{4}|\d{2}"#),
    (
        "DAY",
        20,
        r#"Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?"#,
    ),
    ("HOUR", 20, r#"2[0-3]|[01]?\d"#),
    ("MINUTE", 20, r#"[0-5]\d"#),
    ("SECOND", 20, r#"(?:60|[0-5]?\d)(?:[.:]\d+)?"#),
    ("TIME", 20, r#"%{HOUR}:%{MINUTE}:%{SECOND}"#),
    ("DATE_US", 20, r#"%{MONTHNUM}[/-]%{MONTHDAY}[/-]%{YEAR}"#),
    ("DATE_EU", 20, r#"%{MONTHDAY}[./-]%{MONTHNUM}[./-]%{YEAR}"#),
    ("ISO8601_TIMEZONE", 20, r#"Z|[+-]%{HOUR}:?%{MINUTE}"#),
    ("ISO8601_SECOND", 20, r#"(?:60|[0-5]?\d)(?:[.:]\d+)?"#),
    (
        "TIMESTAMP_ISO8601",
        20,
        r#"%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?%{ISO8601_TIMEZONE}?"#,
    ),
    ("DATE", 20, r#"%{DATE_US}|%{DATE_EU}"#),
    ("DATESTAMP", 20, r#"%{DATE}[ -]%{TIME}"#),
    ("TZ", 20, r#"[PMCE][SD]T|UTC"#),
    ("DATESTAMP_RFC822", 20, r#"%{DAY} %{MONTH} %{MONTHDAY} %{YEAR} %{TIME} %{TZ}"#),
    ("DATESTAMP_RFC2822", 20, r#"%{DAY}, %{MONTHDAY} %{MONTH} %{YEAR} %{TIME} %{ISO8601_TIMEZONE}"#),
    ("DATESTAMP_OTHER", 20, r#"%{DAY} %{MONTH} %{MONTHDAY} %{TIME} %{TZ} %{YEAR}"#),
    ("DATESTAMP_EVENTLOG", 20, r#"%{YEAR}%{MONTHNUM2}%{MONTHDAY}%{HOUR}%{MINUTE}%{SECOND}"#),
    (
        "LOGLEVEL",
        20,
        r#"Alert|ALERT|Trace|TRACE|Debug|DEBUG|Notice|NOTICE|Info|INFO|Warning|WARNING|Warn|WARN|Error|ERROR|Err|ERR|Critical|CRITICAL|Crit|CRIT|Fatal|FATAL|Severe|SEVERE|Emergency|EMERGENCY|Emerg|EMERG"#,
    ),
    ("HTTPDATE", 20, r#"%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}"#),
    ("SYSLOGTIMESTAMP", 20, r#"%{MONTH} +%{MONTHDAY} %{TIME}"#),
    ("PROG", 20, r#"[0-9A-Za-z._/%-]+"#),
    ("SYSLOGPROG", 20, r#"%{PROG:program}(?:\[%{POSINT:pid}\])?"#),
    ("SYSLOGHOST", 5, r#"%{HOST}|%{IP}"#),
    ("SYSLOGFACILITY", 20, r#"<%{NONNEGINT:facility}\.%{NONNEGINT:priority}>"#),
    (
        "APACHE_ACCESS_LOG",
        1,
        r#"%{IPORHOST:remote_host} \S+ (?:-|%{NOTSPACE:auth_user}) \[%{HTTPDATE:timestamp}\] "%{WORD:http_method} %{NOTSPACE:request}(?: HTTP/%{NUMBER:http_version})?" %{INT:status_code} (?:-|%{INT:response_size})"#,
    ),
    (
        "NGINX_ACCESS_LOG",
        1,
        r#"%{IPORHOST:remote_host} \S+ (?:-|%{NOTSPACE:auth_user}) \[%{HTTPDATE:timestamp}\] "%{WORD:http_method} %{NOTSPACE:request}(?: HTTP/%{NUMBER:http_version})?" %{INT:status_code} (?:-|%{INT:response_size}) "(?:-|%{DATA:referrer})" "(?:-|%{DATA:agent})""#,
    ),
    (
        "SYSLOG5424",
        1,
        r#"<%{NONNEGINT:pri}>%{NONNEGINT:version} (?:-|%{TIMESTAMP_ISO8601:timestamp}) (?:-|%{NOTSPACE:hostname}) (?:-|%{NOTSPACE:app}) (?:-|%{NOTSPACE:proc_id}) (?:-|%{NOTSPACE:msg_id}) (?:-|\[%{SYSLOG5424_ELEMENT:structured_data}\]) ?%{GREEDYDATA:message}"#,
    ),
    ("SYSLOG5424_ELEMENT", 0, r#"(?:[^\]"]|"(?:\\.|[^"\\])*")*"#),
];

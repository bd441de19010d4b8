# Runs a Ruby handler against the Lambda Runtime API.

require 'json'
require 'net/http'

$stdout.sync = true
$stderr.sync = true

HOST, PORT = ENV.fetch('AWS_LAMBDA_RUNTIME_API').split(':')
API = '/2018-06-01/runtime/'.freeze

# One kept-alive connection.
class Api
  def initialize
    @http = Net::HTTP.new(HOST, PORT.to_i, nil)
    # The next event may be hours away.
    @http.read_timeout = nil
    @http.keep_alive_timeout = 1 << 30
    @http.max_retries = 0
    @http.start
  end

  def next
    @http.get("#{API}invocation/next")
  end

  def post(path, body, error_type = nil)
    headers = { 'Content-Type' => 'application/json' }
    headers['Lambda-Runtime-Function-Error-Type'] = error_type if error_type
    @http.post("#{API}#{path}", body, headers)
  rescue EOFError, SystemCallError
    exit!(0)
  end
end

# What a handler is told of its invocation.
class LambdaContext
  attr_reader :aws_request_id, :invoked_function_arn, :log_group_name, :log_stream_name, :function_name,
              :memory_limit_in_mb, :function_version, :identity, :client_context, :deadline_ms, :tenant_id

  def initialize(event)
    @aws_request_id = event['Lambda-Runtime-Aws-Request-Id']
    @invoked_function_arn = event['Lambda-Runtime-Invoked-Function-Arn']
    @deadline_ms = event['Lambda-Runtime-Deadline-Ms'].to_i
    @log_group_name = ENV['AWS_LAMBDA_LOG_GROUP_NAME']
    @log_stream_name = ENV['AWS_LAMBDA_LOG_STREAM_NAME']
    @function_name = ENV['AWS_LAMBDA_FUNCTION_NAME']
    @memory_limit_in_mb = ENV['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
    @function_version = ENV['AWS_LAMBDA_FUNCTION_VERSION']
    @identity = read(event['Lambda-Runtime-Cognito-Identity'])
    @tenant_id = event['Lambda-Runtime-Aws-Tenant-Id']
    @client_context = read(event['Lambda-Runtime-Client-Context'])
  end

  def get_remaining_time_in_millis
    [@deadline_ms - (Process.clock_gettime(Process::CLOCK_REALTIME) * 1000).to_i, 0].max
  end

  def log(message)
    puts message
  end

  private

  def read(text)
    JSON.parse(text) if text && !text.empty?
  end
end

# Something of the runtime's own that has AWS's name.
class RuntimeFault < StandardError
  attr_reader :error_type

  def initialize(error_type, message)
    super(message)
    @error_type = error_type
  end
end

def describe(error, phase)
  type = error.respond_to?(:error_type) ? error.error_type : "#{phase}<#{error.class}>"
  # Frames of our own are not the function's.
  trace = (error.backtrace || []).reject { |frame| frame.start_with?(__FILE__) || frame.include?('<internal:') }
  # Before Ruby 3.2, suggestions and excerpts of code stand in the message itself.
  message = error.respond_to?(:original_message) ? error.original_message : error.message
  { errorMessage: message, errorType: type, stackTrace: trace }
end

def fail_with(api, path, error, phase = 'Function')
  told = describe(error, phase)
  # The service takes a carriage return for a line within one event.
  $stdout.puts(["Error raised from handler method", JSON.generate(told)].join("\r"))
  api.post(path, JSON.generate(told), told[:errorType])
end

def load_handler(handler)
  file, *rest = handler.split('.')
  unless file && [1, 2].include?(rest.length)
    raise RuntimeFault.new('Runtime.MalformedHandlerName', "Bad handler '#{handler}'")
  end

  require "./#{file}"
  owner = rest.length == 2 ? Kernel.const_get(rest[0]) : Object.new
  owner.method(rest.last)
end

def work(api, handler, event)
  context = LambdaContext.new(event)
  ENV['_X_AMZN_TRACE_ID'] = event['Lambda-Runtime-Trace-Id']
  path = "invocation/#{context.aws_request_id}/"
  begin
    answer = handler.call(event: JSON.parse(event.body), context: context)
    body = JSON.generate(answer)
  rescue NoMemoryError, SystemExit, SignalException
    raise
  rescue Exception => e
    return fail_with(api, "#{path}error", e)
  end
  api.post("#{path}response", body)
end

api = Api.new
begin
  $LOAD_PATH.unshift(Dir.pwd)
  handler = load_handler(ENV.fetch('_HANDLER'))
rescue Exception => e
  fail_with(api, 'init/error', e, 'Init')
  exit!(1)
end

loop do
  event =
    begin
      api.next
    rescue EOFError, SystemCallError
      exit!(0)
    end
  work(api, handler, event)
end

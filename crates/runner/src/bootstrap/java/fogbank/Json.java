package fogbank;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** JSON to plain values and back. The JDK has none, and a library here would be in the way of the function's own. */
final class Json {
    private static final int DEPTH = 1000;
    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    static final class Malformed extends RuntimeException {
        Malformed(String message) {
            super(message);
        }
    }

    /** Maps, lists, strings, numbers, booleans and null. */
    static Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at < text.length()) {
            throw json.malformed();
        }
        return value;
    }

    private Malformed malformed() {
        return new Malformed("An error occurred during JSON parsing at character " + at);
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() {
        space();
        if (at >= text.length()) {
            throw malformed();
        }
        return text.charAt(at);
    }

    private boolean take(char wanted) {
        if (peek() == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void require(char wanted) {
        if (!take(wanted)) {
            throw malformed();
        }
    }

    private Object value() {
        if (++depth > DEPTH) {
            throw malformed();
        }
        Object value;
        switch (peek()) {
            case '{': value = object(); break;
            case '[': value = list(); break;
            case '"': value = string(); break;
            case 't': value = word("true", true); break;
            case 'f': value = word("false", false); break;
            case 'n': value = word("null", null); break;
            default: value = number();
        }
        depth--;
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> all = new LinkedHashMap<>();
        require('{');
        if (take('}')) {
            return all;
        }
        do {
            peek();
            String name = string();
            require(':');
            all.put(name, value());
        } while (take(','));
        require('}');
        return all;
    }

    private List<Object> list() {
        List<Object> all = new ArrayList<>();
        require('[');
        if (take(']')) {
            return all;
        }
        do {
            all.add(value());
        } while (take(','));
        require(']');
        return all;
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw malformed();
        }
        at += word.length();
        return meaning;
    }

    private Object number() {
        int start = at;
        boolean whole = true;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            whole &= ".eE".indexOf(text.charAt(at)) < 0;
            at++;
        }
        String digits = text.substring(start, at);
        try {
            if (!whole) {
                return Double.valueOf(digits);
            }
            BigInteger big = new BigInteger(digits);
            if (big.bitLength() < 32) {
                return big.intValue();
            }
            return big.bitLength() < 64 ? (Object) big.longValue() : big;
        } catch (NumberFormatException error) {
            throw malformed();
        }
    }

    private String string() {
        if (text.charAt(at) != '"') {
            throw malformed();
        }
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return out.toString();
            }
            out.append(c == '\\' ? escaped() : c);
        }
        throw malformed();
    }

    private char escaped() {
        if (++at >= text.length()) {
            throw malformed();
        }
        char c = text.charAt(at);
        int known = "\"\\/bfnrt".indexOf(c);
        if (known >= 0) {
            return "\"\\/\b\f\n\r\t".charAt(known);
        }
        if (c != 'u' || at + 4 >= text.length()) {
            throw malformed();
        }
        try {
            char unit = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
            at += 4;
            return unit;
        } catch (NumberFormatException error) {
            throw malformed();
        }
    }

    /** Any value: beans by their getters, records by their components. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out, 0);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out, int depth) {
        if (depth > DEPTH) {
            throw new IllegalArgumentException("An error occurred during JSON serialization of response: it has no end");
        }
        if (value == null || value instanceof Boolean || value instanceof Byte || value instanceof Short
                || value instanceof Integer || value instanceof Long || value instanceof BigInteger
                || value instanceof BigDecimal) {
            out.append(value);
        } else if (value instanceof Number) {
            double number = ((Number) value).doubleValue();
            boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
            out.append(finite ? value.toString() : "\"" + value + "\"");
        } else if (value instanceof Map) {
            Map<String, Object> named = new LinkedHashMap<>();
            ((Map<?, ?>) value).forEach((name, each) -> named.put(String.valueOf(name), each));
            writeAll(named, out, depth);
        } else if (value instanceof Iterable) {
            out.append('[');
            String before = "";
            for (Object each : (Iterable<?>) value) {
                out.append(before);
                write(each, out, depth + 1);
                before = ",";
            }
            out.append(']');
        } else if (value instanceof byte[]) {
            quote(Base64.getEncoder().encodeToString((byte[]) value), out);
        } else if (value instanceof ByteBuffer) {
            ByteBuffer copy = ((ByteBuffer) value).duplicate();
            byte[] bytes = new byte[copy.remaining()];
            copy.get(bytes);
            write(bytes, out, depth);
        } else if (value.getClass().isArray()) {
            List<Object> all = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                all.add(Array.get(value, i));
            }
            write(all, out, depth);
        } else if (value instanceof Optional) {
            write(((Optional<?>) value).orElse(null), out, depth);
        } else if (value instanceof Date) {
            out.append(((Date) value).getTime());
        } else if (value instanceof Enum) {
            quote(((Enum<?>) value).name(), out);
        } else if (value instanceof CharSequence || value.getClass().getName().startsWith("java.")
                || value.getClass().getName().startsWith("org.joda.time.")) {
            quote(value.toString(), out);
        } else {
            writeAll(properties(value), out, depth);
        }
    }

    private static void writeAll(Map<String, Object> named, StringBuilder out, int depth) {
        out.append('{');
        String before = "";
        for (Map.Entry<String, Object> entry : named.entrySet()) {
            out.append(before);
            quote(entry.getKey(), out);
            out.append(':');
            write(entry.getValue(), out, depth + 1);
            before = ",";
        }
        out.append('}');
    }

    private static Map<String, Object> properties(Object bean) {
        Map<String, Object> all = new LinkedHashMap<>();
        try {
            for (Field field : bean.getClass().getFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    all.put(field.getName(), field.get(bean));
                }
            }
            List<String> components = Binding.components(bean.getClass());
            for (Method method : Binding.inOrder(bean.getClass())) {
                String name = components.contains(method.getName()) ? method.getName() : property(method);
                if (name != null && method.getParameterCount() == 0) {
                    method.setAccessible(true);
                    all.put(name, method.invoke(bean));
                }
            }
        } catch (ReflectiveOperationException error) {
            Throwable cause = error.getCause() == null ? error : error.getCause();
            throw new IllegalArgumentException("An error occurred during JSON serialization of response", cause);
        }
        return all;
    }

    private static String property(Method method) {
        String name = method.getName();
        boolean isFlag = method.getReturnType() == boolean.class;
        String rest = name.startsWith("get") ? name.substring(3) : isFlag && name.startsWith("is") ? name.substring(2) : "";
        if (rest.isEmpty() || name.equals("getClass") || Modifier.isStatic(method.getModifiers())) {
            return null;
        }
        // As Jackson does: all capitals in front are made small.
        int capitals = 0;
        while (capitals < rest.length() && Character.isUpperCase(rest.charAt(capitals))) {
            capitals++;
        }
        return rest.substring(0, capitals).toLowerCase() + rest.substring(capitals);
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = "\"\\\b\f\n\r\t".indexOf(c);
            if (known >= 0) {
                out.append('\\').append("\"\\bfnrt".charAt(known));
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}

package fogbank;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the values that handlers take of JSON's. Names are matched whatever their case, as events need it. */
final class Binding {
    private Binding() {}

    static Object bind(Object json, Type type) throws ReflectiveOperationException {
        Class<?> raw = raw(type);
        if (json == null) {
            return raw.isPrimitive() ? Array.get(Array.newInstance(raw, 1), 0) : null;
        }
        if (raw == Object.class) {
            return json;
        }
        if (raw == String.class || raw == CharSequence.class) {
            if (json instanceof Map || json instanceof List) {
                throw unfit(json, raw);
            }
            return json.toString();
        }
        Class<?> boxed = box(raw);
        if (Number.class.isAssignableFrom(boxed)) {
            return number(json, boxed);
        }
        if (boxed == Boolean.class) {
            return json instanceof Boolean ? json : Boolean.valueOf(json.toString());
        }
        if (boxed == Character.class) {
            return json.toString().charAt(0);
        }
        if (raw.isEnum()) {
            return constant(json.toString(), raw);
        }
        if (raw == byte[].class) {
            return Base64.getDecoder().decode(json.toString());
        }
        if (raw == ByteBuffer.class) {
            return ByteBuffer.wrap(Base64.getDecoder().decode(json.toString()));
        }
        if (raw == Date.class && json instanceof Number) {
            return date(((Number) json).doubleValue());
        }
        if (raw.isArray() || Collection.class.isAssignableFrom(raw) || raw == Iterable.class) {
            return list(json, type, raw);
        }
        if (json instanceof Map) {
            return Map.class.isAssignableFrom(raw) ? map((Map<?, ?>) json, type, raw) : bean((Map<?, ?>) json, raw);
        }
        return parsed(json, raw);
    }

    private static IllegalArgumentException unfit(Object json, Class<?> wanted) {
        String kind = json instanceof Map ? "an object" : json instanceof List ? "a list" : "a value";
        return new IllegalArgumentException(
                "An error occurred during JSON parsing: " + kind + " cannot be read as " + wanted.getName());
    }

    /** Events have seconds with a fraction or milliseconds. */
    private static Date date(double number) {
        return new Date((long) (number < 1e11 ? number * 1000 : number));
    }

    private static Object number(Object json, Class<?> wanted) {
        if (wanted == Number.class && json instanceof Number) {
            return json;
        }
        if (json instanceof Map || json instanceof List || json instanceof Boolean) {
            throw unfit(json, wanted);
        }
        BigDecimal exact = new BigDecimal(json.toString());
        if (wanted == Integer.class) {
            return exact.intValue();
        } else if (wanted == Long.class) {
            return exact.longValue();
        } else if (wanted == Double.class) {
            return exact.doubleValue();
        } else if (wanted == Float.class) {
            return exact.floatValue();
        } else if (wanted == Short.class) {
            return exact.shortValue();
        } else if (wanted == Byte.class) {
            return exact.byteValue();
        }
        return wanted == BigInteger.class ? (Object) exact.toBigInteger() : exact;
    }

    private static Object constant(String name, Class<?> type) {
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(name + " is not one of " + Arrays.toString(type.getEnumConstants()));
    }

    private static Object list(Object json, Type type, Class<?> raw) throws ReflectiveOperationException {
        if (!(json instanceof List)) {
            throw unfit(json, raw);
        }
        List<?> all = (List<?>) json;
        if (raw.isArray()) {
            Type part = type instanceof GenericArrayType
                    ? ((GenericArrayType) type).getGenericComponentType() : raw.getComponentType();
            Object array = Array.newInstance(raw.getComponentType(), all.size());
            for (int i = 0; i < all.size(); i++) {
                Array.set(array, i, bind(all.get(i), part));
            }
            return array;
        }
        Collection<Object> made = Set.class.isAssignableFrom(raw) ? new LinkedHashSet<>() : new ArrayList<>();
        if (!raw.isInterface() && !Modifier.isAbstract(raw.getModifiers())) {
            @SuppressWarnings("unchecked")
            Collection<Object> own = (Collection<Object>) construct(raw);
            made = own;
        }
        for (Object each : all) {
            made.add(bind(each, argument(type, 0)));
        }
        return made;
    }

    private static Object map(Map<?, ?> json, Type type, Class<?> raw) throws ReflectiveOperationException {
        Map<Object, Object> made = new LinkedHashMap<>();
        if (!raw.isInterface() && !Modifier.isAbstract(raw.getModifiers())) {
            @SuppressWarnings("unchecked")
            Map<Object, Object> own = (Map<Object, Object>) construct(raw);
            made = own;
        }
        for (Map.Entry<?, ?> entry : json.entrySet()) {
            made.put(bind(entry.getKey(), argument(type, 0)), bind(entry.getValue(), argument(type, 1)));
        }
        return made;
    }

    private static Object bean(Map<?, ?> json, Class<?> type) throws ReflectiveOperationException {
        List<String> components = components(type);
        if (!components.isEmpty()) {
            return record(json, type, components);
        }
        Object bean = construct(type);
        for (Map.Entry<?, ?> entry : json.entrySet()) {
            set(bean, entry.getKey().toString(), entry.getValue());
        }
        return bean;
    }

    private static void set(Object bean, String name, Object json) throws ReflectiveOperationException {
        String plain = name.replaceAll("[-_ ]", "");
        for (Method method : bean.getClass().getMethods()) {
            if (method.getParameterCount() == 1 && !method.isBridge() && method.getName().startsWith("set")
                    && method.getName().substring(3).equalsIgnoreCase(plain)) {
                method.setAccessible(true);
                method.invoke(bean, bind(json, method.getGenericParameterTypes()[0]));
                return;
            }
        }
        for (Class<?> type = bean.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equalsIgnoreCase(plain) && !Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    field.set(bean, bind(json, field.getGenericType()));
                    return;
                }
            }
        }
    }

    private static Object record(Map<?, ?> json, Class<?> type, List<String> components)
            throws ReflectiveOperationException {
        Constructor<?> constructor = longest(type);
        constructor.setAccessible(true);
        Type[] types = constructor.getGenericParameterTypes();
        Object[] values = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            Object found = json.get(components.get(i));
            for (Map.Entry<?, ?> entry : json.entrySet()) {
                if (found == null && entry.getKey().toString().equalsIgnoreCase(components.get(i))) {
                    found = entry.getValue();
                }
            }
            values[i] = bind(found, types[i]);
        }
        return constructor.newInstance(values);
    }

    /** A new value, with nothing in it where its constructor wants to be told. */
    private static Object construct(Class<?> type) throws ReflectiveOperationException {
        Constructor<?> constructor;
        try {
            constructor = type.getDeclaredConstructor();
        } catch (NoSuchMethodException none) {
            constructor = longest(type);
        }
        constructor.setAccessible(true);
        Object[] nothing = new Object[constructor.getParameterCount()];
        for (int i = 0; i < nothing.length; i++) {
            nothing[i] = bind(null, constructor.getParameterTypes()[i]);
        }
        return constructor.newInstance(nothing);
    }

    private static Constructor<?> longest(Class<?> type) throws NoSuchMethodException {
        return Arrays.stream(type.getDeclaredConstructors())
                .max(Comparator.comparingInt(Constructor::getParameterCount))
                .orElseThrow(() -> new NoSuchMethodException(type.getName() + " cannot be made"));
    }

    /** A value of a type that reads itself: a time, an id, a path. */
    private static Object parsed(Object json, Class<?> type) throws ReflectiveOperationException {
        try {
            for (String name : new String[] {"parse", "fromString", "valueOf", "of"}) {
                for (Method method : type.getMethods()) {
                    if (Modifier.isStatic(method.getModifiers()) && method.getName().equals(name)
                            && method.getParameterCount() == 1 && type.isAssignableFrom(method.getReturnType())
                            && method.getParameterTypes()[0].isAssignableFrom(String.class)) {
                        return method.invoke(null, json.toString());
                    }
                }
            }
            return type.getConstructor(String.class).newInstance(json.toString());
        } catch (NoSuchMethodException none) {
            throw unfit(json, type);
        } catch (InvocationTargetException error) {
            throw new IllegalArgumentException(
                    "An error occurred during JSON parsing: not a " + type.getName(), error.getCause());
        }
    }

    /** The names of a record's components, none for others. Records are asked by reflection: Java 11 has none. */
    static List<String> components(Class<?> type) {
        if (type.getSuperclass() == null || !type.getSuperclass().getName().equals("java.lang.Record")) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                names.add(field.getName());
            }
        }
        return names;
    }

    /** The public methods in the order of the fields they show, as far as there are such. */
    static List<Method> inOrder(Class<?> type) {
        List<String> fields = new ArrayList<>();
        for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                fields.add(field.getName().toLowerCase());
            }
        }
        List<Method> methods = new ArrayList<>();
        for (Method method : type.getMethods()) {
            if (method.getDeclaringClass() != Object.class && !method.isBridge()) {
                methods.add(method);
            }
        }
        methods.sort(Comparator.comparing((Method method) -> {
            String name = method.getName().toLowerCase().replaceFirst("^(get|is)", "");
            int at = fields.indexOf(name);
            return at < 0 ? Integer.MAX_VALUE : at;
        }).thenComparing(Method::getName));
        return methods;
    }

    static Class<?> raw(Type type) {
        if (type instanceof Class) {
            return (Class<?>) type;
        }
        if (type instanceof ParameterizedType) {
            return raw(((ParameterizedType) type).getRawType());
        }
        if (type instanceof GenericArrayType) {
            return Array.newInstance(raw(((GenericArrayType) type).getGenericComponentType()), 0).getClass();
        }
        if (type instanceof WildcardType) {
            return raw(((WildcardType) type).getUpperBounds()[0]);
        }
        return type instanceof TypeVariable ? raw(((TypeVariable<?>) type).getBounds()[0]) : Object.class;
    }

    private static Type argument(Type type, int number) {
        if (!(type instanceof ParameterizedType)) {
            return Object.class;
        }
        Type[] all = ((ParameterizedType) type).getActualTypeArguments();
        return number < all.length ? all[number] : Object.class;
    }

    private static Class<?> box(Class<?> type) {
        return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0).getClass() : type;
    }
}

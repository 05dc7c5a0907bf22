package bulla.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes maps, lists, strings, numbers and booleans as one line of JSON. Reads nothing. */
final class Json {
	private Json()
	{
	}

	static String line(Object value)
	{
		if (value == null || value instanceof Number || value instanceof Boolean) {
			return String.valueOf(value);
		}
		if (value instanceof Map<?, ?> map) {
			List<String> members = new ArrayList<>();
			map.forEach((k, v) -> members.add(quoted(String.valueOf(k)) + ": " + line(v)));
			return "{" + String.join(", ", members) + "}";
		}
		if (value instanceof Iterable<?> items) {
			List<String> parts = new ArrayList<>();
			items.forEach(item -> parts.add(line(item)));
			return "[" + String.join(", ", parts) + "]";
		}
		return quoted(value.toString());
	}

	private static String quoted(String text)
	{
		return '"' + text.chars().mapToObj(Json::escaped).collect(Collectors.joining()) + '"';
	}

	private static String escaped(int c)
	{
		if (c == '"' || c == '\\') {
			return "\\" + (char) c;
		}
		return c < 0x20 || c > 0x7e ? String.format("\\u%04x", c) : String.valueOf((char) c);
	}
}

package bulla.interop;

import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * EU DSS from the command line: one JVM start, many files, one line of JSON per file.
 *
 * <pre>
 * scenes   [--reports DIR] FOLDER..     (of folders, each one scene with a policy.xml)
 * validate --trust PEM.. [--at RFC3339] [--crl F].. [--offline] [--reports DIR] FILE...
 * sign     --password-file F [--tsa URL] [--trust PEM].. [--digest SHA256] (--p12 F --level L IN OUT | --batch F)
 * extend   --tsa URL [--trust PEM].. (--level L IN OUT | --batch F)
 * read     REPORT.. (of ETSI TS 119 102-2)
 * </pre>
 *
 * Levels are B, T, LT, LTA. A batch file has one job per line, tab-separated: P12 LEVEL IN OUT for
 * sign, LEVEL IN OUT for extend. Exit status: 0 every job was done (whatever the verdict), 1 some was
 * not (its line has "error"), 64 usage.
 */
public final class Main {
	private static final Set<String> FLAGS = Set.of("--offline", "--online", "--errors");

	private final Map<String, List<String>> options = new LinkedHashMap<>();
	private final List<String> operands = new ArrayList<>();
	private boolean failed;

	private interface Job {
		Map<String, Object> run() throws Exception;
	}

	private Main(String[] args)
	{
		for (int i = 1; i < args.length; i++) {
			if (!args[i].startsWith("--")) {
				operands.add(args[i]);
				continue;
			}
			List<String> values = options.computeIfAbsent(args[i], k -> new ArrayList<>());
			if (!FLAGS.contains(args[i])) {
				values.add(args[++i]);
			}
		}
	}

	public static void main(String[] args) throws Exception
	{
		if (args.length == 0 || !Set.of("scenes", "validate", "sign", "extend", "read").contains(args[0])) {
			System.err.println("dss-peer: usage: scenes|validate|sign|extend|read, see Main.java");
			System.exit(64);
		}
		/* After the platform's own: key stores open with those, Brainpool keys load with this. */
		Security.addProvider(new BouncyCastleProvider());
		Main main = new Main(args);
		switch (args[0]) {
		case "scenes" -> main.scenes();
		case "validate" -> main.validate();
		case "sign" -> main.sign();
		case "read" -> main.read();
		default -> main.extend();
		}
		System.exit(main.failed ? 1 : 0);
	}

	private void validate() throws Exception
	{
		String at = one("--at", null);
		Judge judge = new Judge(
		    World.verifier(all("--trust"), all("--crl"), !options.containsKey("--offline")),
		    at == null ? null : Date.from(Instant.parse(at)), one("--reports", null));
		for (String file : operands) {
			attempt(file, () -> judge.validate(file));
		}
	}

	private void read()
	{
		for (String file : operands) {
			attempt(file, () -> EtsiReader.read(file));
		}
	}

	private void scenes() throws Exception
	{
		for (String parent : operands) {
			for (Path folder : Scene.all(Path.of(parent))) {
				attempt(folder.getFileName().toString(),
				    () -> Judge.validateScene(folder, one("--reports", null)));
			}
		}
	}

	private void sign() throws Exception
	{
		char[] password = Files.readString(Path.of(one("--password-file", null))).strip().toCharArray();
		Author author = author();
		for (String[] job : jobs(List.of(one("--p12", ""), one("--level", "B")))) {
			attempt(job[3], () -> {
				author.sign(job[0], password, job[1], job[2], job[3]);
				return done(job[3]);
			});
		}
	}

	private void extend() throws Exception
	{
		Author author = author();
		for (String[] job : jobs(List.of(one("--level", "LTA")))) {
			attempt(job[2], () -> {
				author.extend(job[0], job[1], job[2]);
				return done(job[2]);
			});
		}
	}

	private Author author() throws Exception
	{
		return new Author(World.verifier(all("--trust"), all("--crl"), true), one("--tsa", null),
		    DigestAlgorithm.forName(one("--digest", "SHA256")));
	}

	/** The batch file's lines, or the one job of the command line: its options, then its operands. */
	private List<String[]> jobs(List<String> fromOptions) throws Exception
	{
		if (options.containsKey("--batch")) {
			return Files.readAllLines(Path.of(one("--batch", null))).stream().map(l -> l.split("\t")).toList();
		}
		List<String> job = new ArrayList<>(fromOptions);
		job.addAll(operands);
		return List.<String[]>of(job.toArray(String[]::new));
	}

	private static Map<String, Object> done(String file)
	{
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("file", file);
		row.put("done", true);
		return row;
	}

	/** Prints one job's line. A job that cannot be done says why and does not stop the others. */
	private void attempt(String file, Job job)
	{
		Map<String, Object> row = new LinkedHashMap<>();
		try {
			row = job.run();
		} catch (Exception | LinkageError e) {
			failed = true;
			row.put("file", file);
			row.put("error", String.valueOf(e.getMessage()));
			if (options.containsKey("--errors")) {
				e.printStackTrace();
			}
		}
		System.out.println(Json.line(row));
	}

	private List<String> all(String option)
	{
		return options.getOrDefault(option, List.of());
	}

	private String one(String option, String otherwise)
	{
		List<String> values = all(option);
		return values.isEmpty() ? otherwise : values.get(values.size() - 1);
	}
}

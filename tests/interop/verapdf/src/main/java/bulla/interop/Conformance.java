package bulla.interop;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * veraPDF from the command line: one JVM start, many files.
 *
 * <pre>Conformance LIST</pre>
 *
 * The list has one path per line. Each file is judged by every flavour that its metadata claim, and by
 * PDF/UA-1 whatever they claim. Per judgement one line, tab-separated: path, flavour ("ua1", "1b", ...),
 * "claimed" or "asked", "conforms" or "fails", and what failed: "clause-test*count message" joined by " | ".
 * A file that cannot be read has the flavour "-" and the reason. Exit status 1 when there was one.
 */
public final class Conformance {
	private static final int FAILURES_MAX = 1000;

	private Conformance()
	{
	}

	public static void main(String[] args) throws Exception
	{
		if (args.length != 1) {
			System.err.println("verapdf-peer: usage: LIST, see Conformance.java");
			System.exit(64);
		}
		LogManager.getLogManager().reset();
		Logger.getLogger("").setLevel(Level.OFF);
		VeraGreenfieldFoundryProvider.initialise();
		boolean failed = false;
		for (String path : Files.readAllLines(Path.of(args[0]))) {
			try {
				judge(path);
			} catch (Exception | StackOverflowError fault) {
				failed = true;
				say(path, "-", "claimed", "fails", fault.toString());
			}
		}
		System.exit(failed ? 1 : 0);
	}

	private static void judge(String path) throws Exception
	{
		Set<PDFAFlavour> claimed = new LinkedHashSet<>();
		try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path))) {
			claimed.addAll(parser.getFlavours());
		}
		claimed.remove(PDFAFlavour.NO_FLAVOUR);
		List<PDFAFlavour> asked = new ArrayList<>(claimed);
		if (!claimed.contains(PDFAFlavour.PDFUA_1)) {
			asked.add(PDFAFlavour.PDFUA_1);
		}
		for (PDFAFlavour flavour : asked) {
			judge(path, flavour, claimed.contains(flavour));
		}
	}

	private static void judge(String path, PDFAFlavour flavour, boolean claimed) throws Exception
	{
		try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(path), flavour);
		     PDFAValidator validator = Foundries.defaultInstance().createValidator(
		         flavour, FAILURES_MAX, false, false, false)) {
			ValidationResult result = validator.validate(parser);
			Map<String, String> failures = new TreeMap<>();
			Map<String, Integer> counts = new TreeMap<>();
			result.getFailedChecks().forEach(
			    (rule, n) -> counts.put(rule.getClause() + "-" + rule.getTestNumber(), n));
			for (TestAssertion one : result.getTestAssertions()) {
				String rule = one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber();
				if (one.getStatus() == TestAssertion.Status.FAILED) {
					failures.putIfAbsent(rule, String.valueOf(one.getMessage()));
				}
			}
			List<String> parts = new ArrayList<>();
			counts.forEach((rule, n) -> parts.add(rule + "*" + n + " " + failures.getOrDefault(rule, "")));
			say(path, flavour.getId(), claimed ? "claimed" : "asked",
			    result.isCompliant() ? "conforms" : "fails", String.join(" | ", parts));
		}
	}

	private static void say(String... columns)
	{
		for (int i = 0; i < columns.length; i++) {
			columns[i] = columns[i].replaceAll("\\s+", " ");
		}
		System.out.println(String.join("\t", columns));
	}
}

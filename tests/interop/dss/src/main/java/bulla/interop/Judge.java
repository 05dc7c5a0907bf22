package bulla.interop;

import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What DSS says about one file, by its own default policy unless there is another. */
final class Judge {
	private final CertificateVerifier verifier;
	private final Date at;
	private final String reportFolder;

	/** at may be null (now); reportFolder may be null (no detailed reports are kept). */
	Judge(CertificateVerifier verifier, Date at, String reportFolder)
	{
		this.verifier = verifier;
		this.at = at;
		this.reportFolder = reportFolder;
	}

	Map<String, Object> validate(String file) throws Exception
	{
		SignedDocumentValidator validator =
		    SignedDocumentValidator.fromDocument(new FileDocument(file));
		validator.setCertificateVerifier(verifier);
		if (at != null) {
			validator.setValidationTime(at);
		}
		return row(file, Path.of(file).getFileName().toString(), validator.validateDocument());
	}

	/** FOLDER is as tests/interop/scenes.c writes it. */
	static Map<String, Object> validateScene(Path folder, String reportFolder) throws Exception
	{
		Scene scene = new Scene(folder);
		Judge judge = new Judge(null, null, reportFolder);
		String name = folder.getFileName().toString();
		return judge.row(name, name, scene.validator().validateDocument(scene.policy()));
	}

	private Map<String, Object> row(String file, String name, Reports reports) throws Exception
	{
		keep(reports, name);
		List<Object> signatures = new ArrayList<>();
		for (String id : reports.getSimpleReport().getSignatureIdList()) {
			signatures.add(signature(reports, id));
		}
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("file", file);
		row.put("signatures", signatures);
		row.put("timestamps", timestamps(reports, reports.getDiagnosticData().getTimestampList()));
		return row;
	}

	private void keep(Reports reports, String name) throws Exception
	{
		if (reportFolder == null) {
			return;
		}
		Path folder = Files.createDirectories(Path.of(reportFolder));
		Files.writeString(folder.resolve(name + ".simple.xml"), reports.getXmlSimpleReport());
		Files.writeString(folder.resolve(name + ".detailed.xml"), reports.getXmlDetailedReport());
		Files.writeString(folder.resolve(name + ".diagnostic.xml"), reports.getXmlDiagnosticData());
		Files.writeString(folder.resolve(name + ".etsi.xml"), reports.getXmlValidationReport());
	}

	private static Map<String, Object> signature(Reports reports, String id)
	{
		SimpleReport simple = reports.getSimpleReport();
		SignatureWrapper facts = reports.getDiagnosticData().getSignatureById(id);
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("id", id);
		row.put("field", facts.getFirstFieldName());
		row.put("format", String.valueOf(simple.getSignatureFormat(id)));
		row.put("indication", name(simple.getIndication(id)));
		row.put("subIndication", name(simple.getSubIndication(id)));
		row.put("digestIntact",
		    facts.getDigestMatchers().stream().allMatch(d -> d.isDataFound() && d.isDataIntact()));
		row.put("signatureIntact", facts.isSignatureIntact());
		row.put("signatureValid", facts.isSignatureValid());
		row.put("modifications", modifications(facts));
		row.put("errors", texts(simple.getAdESValidationErrors(id)));
		row.put("warnings", texts(simple.getAdESValidationWarnings(id)));
		row.put("timestamps", timestamps(reports, facts.getTimestampList()));
		return row;
	}

	private static Map<String, Object> modifications(SignatureWrapper facts)
	{
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("detected", facts.arePdfModificationsDetected());
		row.put("extension", kinds(facts.getPdfExtensionChanges()));
		row.put("signatureOrFormFill", kinds(facts.getPdfSignatureOrFormFillChanges()));
		row.put("annotation", kinds(facts.getPdfAnnotationChanges()));
		row.put("undefined", kinds(facts.getPdfUndefinedChanges()));
		return row;
	}

	private static List<String> kinds(List<XmlObjectModification> changes)
	{
		return changes.stream().map(XmlObjectModification::getValue).toList();
	}

	private static List<Object> timestamps(Reports reports, List<TimestampWrapper> tokens)
	{
		List<Object> rows = new ArrayList<>();
		for (TimestampWrapper token : tokens) {
			Map<String, Object> row = new LinkedHashMap<>();
			var building = reports.getDetailedReport();
			row.put("id", token.getId());
			row.put("type", name(token.getType()));
			row.put("field", field(token));
			row.put("time", token.getProductionTime().toInstant().toString());
			row.put("indication", name(building.getBasicTimestampValidationIndication(token.getId())));
			row.put("subIndication",
			    name(building.getBasicTimestampValidationSubIndication(token.getId())));
			row.put("finalIndication", name(building.getFinalIndication(token.getId())));
			row.put("finalSubIndication", name(building.getFinalSubIndication(token.getId())));
			row.put("imprintIntact", token.isMessageImprintDataIntact());
			row.put("signatureValid", token.isSignatureValid());
			rows.add(row);
		}
		return rows;
	}

	/** Of a document timestamp, else null. */
	private static String field(TimestampWrapper token)
	{
		PDFRevisionWrapper revision = token.getPDFRevision();
		List<String> names = revision == null ? List.of() : revision.getSignatureFieldNames();
		return names.isEmpty() ? null : names.get(0);
	}

	private static List<String> texts(List<Message> messages)
	{
		return messages.stream().map(Message::getValue).toList();
	}

	private static String name(Object item)
	{
		if (item instanceof Indication || item instanceof SubIndication || item instanceof Enum) {
			return ((Enum<?>) item).name();
		}
		return null;
	}
}
